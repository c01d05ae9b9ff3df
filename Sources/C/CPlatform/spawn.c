#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int imprag_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

// Between fork and exec only async-signal-safe calls are allowed: another thread may have held malloc's lock.
static void become(
    pid_t parent, const char *path, char *const *arguments, char *const *environment, int standard_output,
    int standard_error, int parent_death_signal, int failure_pipe
) {
    prctl(PR_SET_PDEATHSIG, parent_death_signal);
    // The parent may have died before the line above took effect.
    if (getppid() != parent) _exit(127);
    setpgid(0, 0);
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < 32; number++) sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0 && dup2(nothing, 0) >= 0 && dup2(standard_output, 1) >= 0 && dup2(standard_error, 2) >= 0) {
        execve(path, arguments, environment);
    }
    int code = errno;
    ssize_t written = write(failure_pipe, &code, sizeof code);
    (void)written;
    _exit(127);
}

pid_t imprag_spawn(
    const char *path, char *const *arguments, char *const *environment, int standard_output, int standard_error,
    int parent_death_signal
) {
    int failure[2];
    if (pipe2(failure, O_CLOEXEC) != 0) return -errno;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        become(
            parent, path, arguments, environment, standard_output, standard_error, parent_death_signal, failure[1]);
    }
    int fork_error = errno;
    close(failure[1]);
    if (child < 0) {
        close(failure[0]);
        return -fork_error;
    }
    // exec closes the pipe, so this reads nothing when it worked and the errno when it did not.
    int code = 0;
    ssize_t count;
    do { count = read(failure[0], &code, sizeof code); } while (count < 0 && errno == EINTR);
    close(failure[0]);
    if (count == (ssize_t)sizeof code) {
        waitpid(child, NULL, 0);
        return -code;
    }
    return child;
}
