// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.probes;

import java.nio.file.Path;

/** Who probes this node's pods, as the setting says it. */
public sealed interface ProbeOrigin {
  /** In settings, the kubelet that runs on this node, wherever it is. */
  String AUTO = "auto";

  /** In settings, nobody. */
  String NONE = "none";

  /** The group of the node's kubelet process. */
  record RunningKubelet() implements ProbeOrigin {
    @Override
    public String toString() {
      return AUTO;
    }
  }

  /** No probe is told from other plaintext. */
  record Nobody() implements ProbeOrigin {
    @Override
    public String toString() {
      return NONE;
    }
  }

  /**
   * The processes of a group.
   *
   * @param path absolute, or from the node's own cgroup
   */
  record Group(Path path) implements ProbeOrigin {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** As a setting has it. */
  static ProbeOrigin parse(String text) {
    return switch (text) {
      case AUTO -> new RunningKubelet();
      case NONE -> new Nobody();
      case "" -> throw new IllegalArgumentException("write auto, none or a folder");
      default -> new Group(Path.of(text));
    };
  }
}
