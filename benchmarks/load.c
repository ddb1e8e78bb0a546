/* The load of all contestants, the same for everybody, on a CPU of its own.
 *
 *   load echo  PORT CONNECTIONS SIZE SECONDS   on each connection one packet (4-byte length, SIZE bytes) under way
 *   load churn PORT CONNECTIONS SIZE SECONDS   so many at a time: connect, one packet there and back, close
 *   load hold  PORT FIRST CONNECTIONS          connect so many first, then the others, and send nothing
 *   load blast PORT packet|line SIZE SECONDS   send packets or lines of SIZE bytes, 64 KiB at once, and close
 *
 * "ready" is printed when the connections are there, by hold twice; a line on standard input lets it go on.
 *  At the end: packets in the measured time, that time in seconds, packets since "ready". */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define CHUNK 65536
#define WARM_UP 0.1
#define HOSTS 8 /* addresses to connect to, each with ports of its own */

struct connection {
    int fd;
    int missing;
};

static int port, size;
static char *packet, *reply;

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

static void ready(void)
{
    char line[16];
    puts("ready");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) exit(0);
}

static int dial(int number)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number % HOSTS);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* Every connection sends something else, so that a reply on the wrong one is noticed. */
static void mark(int number)
{
    memcpy(packet + 4, &number, sizeof number);
}

static void dispatch(struct connection *one, int number)
{
    mark(number);
    one->missing = size;
    if (send(one->fd, packet, size, 0) != size) die("send");
}

/* 1 when the reply is complete. */
static int collect(struct connection *one, int number)
{
    ssize_t got = recv(one->fd, reply + size - one->missing, one->missing, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return 0;
    if (got <= 0) die(got ? "recv" : "the connection was closed");
    if (one->missing -= got) return 0;
    mark(number);
    if (got == size && memcmp(reply, packet, size)) errno = EBADMSG, die("another packet came back");
    return 1;
}

static void watch(int poller, int operation, int fd, int number)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    if (epoll_ctl(poller, operation, fd, &event)) die("epoll_ctl");
}

static void again_echo(struct connection *one, int number, int poller)
{
    (void)poller;
    dispatch(one, number);
}

static void again_churn(struct connection *one, int number, int poller)
{
    static int serial;
    close(one->fd);
    one->fd = dial(serial++);
    watch(poller, EPOLL_CTL_ADD, one->fd, number);
    dispatch(one, number);
}

static void run(int poller, struct connection *all, int count, double seconds,
                void (*again)(struct connection *, int, int))
{
    long done = 0, before = 0, counted = 0, under_way = count;
    double start = 0, stop = 0, warm = now() + WARM_UP * seconds;
    for (int i = 0; i < count; i++) dispatch(&all[i], i);
    while (under_way) {
        struct epoll_event events[EVENTS];
        double t = now();
        if (!start && t >= warm) {
            start = t;
            before = done;
        } else if (start && !stop && t >= start + seconds) {
            stop = t;
            counted = done - before;
        }
        int ready = epoll_wait(poller, events, EVENTS, 100);
        for (int k = 0; k < ready; k++) {
            int i = events[k].data.u32;
            if (!collect(&all[i], i)) continue;
            done++;
            if (!stop) {
                again(&all[i], i, poller);
                continue;
            }
            under_way--;
            if (again == again_churn) close(all[i].fd);
        }
    }
    printf("%ld %f %ld\n", counted, stop - start, done);
    fflush(stdout);
}

static void many(int count, double seconds, void (*again)(struct connection *, int, int))
{
    int poller = epoll_create1(0);
    struct connection *all = calloc(count, sizeof *all);
    for (int i = 0; i < count; i++) {
        all[i].fd = dial(i);
        watch(poller, EPOLL_CTL_ADD, all[i].fd, i);
        if (i % 64 == 63) usleep(1000); /* or the listener's queue overflows, and the system waits a second */
    }
    for (int i = 0; again == again_echo && i < count; i++) dispatch(&all[i], i);
    for (int i = 0; again == again_echo && i < count; i++) /* all are accepted */
        while (!collect(&all[i], i)) usleep(100);
    ready();
    run(poller, all, count, seconds, again);
}

static void hold(int first, int count)
{
    for (int i = 0; i < count; i++) {
        if (i == first) ready();
        dial(i);
        if (i % 64 == 63) usleep(2000);
    }
    ready();
}

static void blast(int line, double seconds)
{
    int fd = dial(0), each = line ? size - 4 : size, pieces = CHUNK / each;
    char *chunk = malloc(pieces * each);
    long sent = 0;
    for (int i = 0; i < pieces; i++) memcpy(chunk + i * each, packet + (line ? 4 : 0), each);
    if (line) for (int i = 0; i < pieces; i++) chunk[(i + 1) * each - 1] = '\n';
    ready();
    double start = now();
    while (now() < start + seconds) {
        for (int done = 0; done < pieces * each;) {
            ssize_t wrote = send(fd, chunk + done, pieces * each - done, 0);
            if (wrote < 0) die("send");
            done += wrote;
        }
        sent += pieces;
    }
    shutdown(fd, SHUT_WR);
    while (recv(fd, reply, 1, 0) > 0) continue; /* the peer closes when it has everything */
    printf("%ld %f %ld\n", sent, now() - start, sent);
    fflush(stdout);
}

static void frame(void)
{
    uint32_t length = htonl(size);
    size += 4;
    packet = malloc(size), reply = malloc(size);
    memcpy(packet, &length, 4);
    for (int i = 4; i < size; i++) packet[i] = 'a' + i % 26;
}

int main(int argc, char **argv)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (argc < 5) return 2;
    port = atoi(argv[2]), size = atoi(argv[4]);
    frame();
    if (!strcmp(argv[1], "hold")) hold(atoi(argv[3]), atoi(argv[4]));
    else if (argc < 6) return 2;
    else if (!strcmp(argv[1], "blast")) blast(!strcmp(argv[3], "line"), atof(argv[5]));
    else many(atoi(argv[3]), atof(argv[5]), strcmp(argv[1], "churn") ? again_echo : again_churn);
    char line[16];
    while (fgets(line, sizeof line, stdin)) continue; /* keep the connections until we are told */
    return 0;
}
