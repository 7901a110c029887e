// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import java.util.Optional;

/**
 * A pod as an operator sees it.
 *
 * @param pod NAMESPACE/NAME
 * @param uid empty when it is not known any more
 * @param state {@code enrolled}, {@code joining}, {@code waiting}, ...
 * @param netns the cookie of its network namespace, as the kernel's maps name it
 * @param addresses separated by blanks
 * @param note why it is not enrolled, and what to do
 */
public record PodStatus(
    String pod, String uid, String state, Optional<Long> netns, String addresses, String note) {}
