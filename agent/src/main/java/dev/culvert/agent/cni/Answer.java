// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import java.io.IOException;
import java.util.List;

/** What a request word is answered with. */
@FunctionalInterface
public interface Answer {
  /**
   * The lines of the answer.
   *
   * @throws IOException when it cannot be told; its message is the answer then
   */
  List<String> lines() throws IOException;
}
