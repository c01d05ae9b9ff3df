// What Swift cannot do by itself on Linux: code between fork and exec, and code inside a signal handler.
#pragma once

#include <stddef.h>
#include <sys/types.h>

/// Starts the program at `path` as a child of the calling thread.
///
/// The child leads its own process group (Ctrl-C in a terminal reaches the parent alone), has default signal
/// dispositions, reads from /dev/null and gets `parent_death_signal` when the calling *thread* ends, however that
/// happens. Returns the process id, or the negative errno of the step that failed, exec included.
pid_t imprag_spawn(
    const char *path, char *const *arguments, char *const *environment, int standard_output, int standard_error,
    int parent_death_signal
);

/// Makes `signals` arrive as bytes (their numbers) on a pipe instead of ending the process.
///
/// One pipe a process: a second call adds its signals to the first one's. Returns the end to read from, which does
/// not block, or a negative errno.
int imprag_signal_pipe(const int *signals, int count);

/// A pipe whose ends are closed on exec: 0 or a negative errno.
int imprag_pipe(int *read_end, int *write_end);

/// Names the calling thread for `top -H` and debuggers; at most 15 bytes.
void imprag_name_thread(const char *name);

/// Writes what the operating system says about an error number into `text`, always with a final zero.
void imprag_error_message(int number, char *text, size_t size);
