// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Names and places of everything that belongs to one lab.
 *
 * @param name lower case letters, digits and dashes, at most 40
 */
public record LabLayout(String name) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

  public LabLayout {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "lab name '%s': use up to 40 lower case letters, digits and dashes".formatted(name));
    }
  }

  /** On a tmpfs: a lab does not outlive a boot, and neither do its files. */
  public Path directory() {
    return Path.of("/run/culvert", "lab-" + name);
  }

  Path manifest() {
    return directory().resolve("manifest");
  }

  /** The YAML that the mesh reads. */
  public Path resources() {
    return directory().resolve("resources");
  }

  /** One file per process, named as the process. */
  public Path logs() {
    return directory().resolve("logs");
  }

  /** The controlplane's root certificate, key and node tokens. */
  public Path state() {
    return directory().resolve("controlplane");
  }

  /** The network namespace of a part of the lab, as {@code ip netns} knows it. */
  public String namespace(String part) {
    return "culvert-" + name + "-" + part;
  }

  static Path namespaceFile(String namespace) {
    return Path.of("/run/netns", namespace);
  }

  /** What {@code ip netns exec} mounts over /etc in that namespace. */
  static Path namespaceConfig(String namespace) {
    return Path.of("/etc/netns", namespace);
  }
}
