/*
 * OpenBLAS asks this when it is loaded, before `main`, and would start a thread for each further processor, which then
 * yields its time slice over and over, for some seventy milliseconds: on a machine with two processors `imprag ask`
 * took one of them away from the cluster that it asked. Products that OpenBLAS does are split by our own threads, so
 * all it has to know of is one. A program's own definition comes before a library's.
 */
int get_num_procs(void);
int get_num_procs(void) { return 1; }
