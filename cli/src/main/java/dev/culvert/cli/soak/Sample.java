// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

/**
 * One look at one process.
 *
 * @param millis since the load began
 * @param pid another one when it was started again
 */
record Sample(long millis, long pid, long rssKb, int descriptors) {
  long rssMb() {
    return rssKb >> 10;
  }
}
