// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.policy.wire.discovery.Resource;
import java.util.List;

/** What one response tells a proxy. */
record Delta(List<Resource> changed, List<String> removed) {
  boolean isEmpty() {
    return changed.isEmpty() && removed.isEmpty();
  }
}
