// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

/** One thing that is done for a pod, in the order of enrolment and then of its end. */
enum Step {
  /** The kernel knows the namespace: the proxy's listeners may register. */
  KNOW,
  /** ztunnel is told of the pod. */
  ANNOUNCE,
  /** New inbound connections go to the proxy. */
  STEER,
  /** New outbound connections go to the proxy. */
  CAPTURE,
  /** New outbound connections go where the application says. */
  RELEASE,
  /** New inbound connections go to the application. */
  UNSTEER,
  /** ztunnel is told that the pod is gone. */
  WITHDRAW,
  /** The kernel does not know the namespace. */
  FORGET;

  /** Whether the pod has less of the mesh after it. */
  boolean isTowardsEnd() {
    return compareTo(CAPTURE) > 0;
  }
}
