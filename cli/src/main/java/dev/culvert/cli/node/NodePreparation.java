// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.node;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** What the node must have before the agent's container is made. */
final class NodePreparation {
  /** By the names that the chart gives to the kubelet. */
  private static final List<String> PROFILES = List.of("agent.json", "ztunnel.json");

  private static final String PLUGIN = "culvert-cni";

  private NodePreparation() {}

  /** Mounts a bpffs unless there is one; says which of both. */
  static String bpffs(Path folder) throws IOException {
    if (Mounts.isBpffs(folder)) {
      return folder + ": is a BPF file system already";
    }
    Mounts.mountBpffs(folder);
    return folder + ": mounted a BPF file system";
  }

  /**
   * Writes the profiles, each at once: a kubelet never reads half of one.
   *
   * @return what was written
   */
  static List<Path> seccomp(Path kubelet) throws IOException {
    Path folder = Files.createDirectories(kubelet.resolve("culvert"));
    List<Path> written = new ArrayList<>();
    for (String profile : PROFILES) {
      Path draft = Files.write(folder.resolve("." + profile), content("seccomp/" + profile));
      written.add(Files.move(draft, folder.resolve(profile), ATOMIC_MOVE));
    }
    return written;
  }

  /** Writes the plugin at once: a runtime never starts half of one, nor one that is open. */
  static Path plugin(Path folder) throws IOException {
    Path draft = folder.resolve("." + PLUGIN + ".draft");
    Files.write(draft, content(PLUGIN));
    Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Files.move(draft, folder.resolve(PLUGIN), ATOMIC_MOVE);
  }

  private static byte[] content(String name) throws IOException {
    try (InputStream resource = NodePreparation.class.getResourceAsStream(name)) {
      return resource.readAllBytes();
    }
  }
}
