// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

/** A tunnel whose peer has not proved yet who it is. */
public interface Proving {
  /** Closes it: it has waited longest, and others want to begin. Any thread. */
  void makeRoom();
}
