// SPDX-License-Identifier: Apache-2.0
/**
 * A program that sends requests with a client certificate, which neither h2load nor wrk can show.
 * Enters: the command line. Leaves: one line of counts and times. One event loop does all.
 */
package dev.culvert.perf.bench.load;
