/* A load generator: N connections, on each one packet (4-byte length, SIZE bytes) under way at a time.
 * load PORT CONNECTIONS SIZE SECONDS prints: packets in the measured time, seconds, all packets. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define WARM_UP 0.2

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int dial(int port)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    int port = atoi(argv[1]), connections = atoi(argv[2]), size = atoi(argv[3]) + 4;
    double seconds = atof(argv[4]);
    int poller = epoll_create1(0), *fds = calloc(connections, sizeof *fds);
    int *missing = calloc(connections, sizeof *missing);
    char *packet = calloc(1, size), *reply = malloc(size);
    uint32_t length = htonl(size - 4);
    memcpy(packet, &length, 4);
    for (int i = 0; i < connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        fds[i] = dial(port);
        missing[i] = size;
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fds[i], &event)) die("epoll_ctl");
    }
    for (int i = 0; i < connections; i++)
        if (send(fds[i], packet, size, 0) != size) die("send");

    long count = 0, before = 0, counted = 0, under_way = connections;
    double start = 0, stop = 0, warm = now() + WARM_UP * seconds;
    while (under_way) { /* in the end all replies are read, or close would reset the connections */
        struct epoll_event events[EVENTS];
        double t = now();
        if (!start && t >= warm) {
            start = t;
            before = count;
        } else if (start && !stop && t >= start + seconds) {
            stop = t;
            counted = count - before;
        }
        int ready = epoll_wait(poller, events, EVENTS, 100);
        for (int k = 0; k < ready; k++) {
            int i = events[k].data.u32;
            ssize_t got = recv(fds[i], reply, missing[i], MSG_DONTWAIT);
            if (got <= 0) die("recv");
            if ((missing[i] -= got)) continue;
            if (got == size && memcmp(reply, packet, size)) die("another packet came back");
            missing[i] = size;
            count++;
            if (stop) {
                under_way--;
                continue;
            }
            if (send(fds[i], packet, size, 0) != size) die("send");
        }
    }
    printf("%ld %f %ld\n", counted, stop - start, count);
    return 0;
}
