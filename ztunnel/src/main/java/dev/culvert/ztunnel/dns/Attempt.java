// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

/** One resolver asked once, in one way. On the loop of the pod. */
interface Attempt {
  /** What comes of it; called once at most. */
  interface Outcome {
    void answered(ResolverAnswer answer);

    /** It could not be reached, broke off, or was silent for too long. */
    void failed();
  }

  void begin();

  /** Ends it without an outcome. */
  void cancel();
}
