// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import java.util.Optional;

/**
 * A pod as an operator sees it.
 *
 * @param pod NAMESPACE/NAME
 * @param uid empty when it is not known any more
 * @param state {@code enrolled}, {@code joining}, {@code waiting}, {@code left alone}, ...
 * @param redirected its new connections go through the proxy, or nowhere
 * @param netns the cookie of its network namespace, as the kernel's maps name it
 * @param addresses separated by blanks
 * @param note why it is not enrolled, and what to do
 */
public record PodStatus(
    String pod,
    String uid,
    String state,
    boolean redirected,
    Optional<Long> netns,
    String addresses,
    String note) {
  /** Of a pod that labels ask into the mesh, and that cannot be in it. */
  static final String LEFT_ALONE = "left alone";
}
