// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.LabNode;
import dev.culvert.linux.bpf.BpfLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The links by which a node's eBPF programs are attached, as the kernel numbers them. */
final class PinnedLinks {
  private PinnedLinks() {}

  /**
   * {@code name#id} of each, sorted; maps and programs that are pinned beside them are left out.
   */
  static List<String> of(LabNode node) throws IOException {
    try (Stream<Path> pins = Files.walk(node.pinDirectory())) {
      return pins.filter(Files::isRegularFile)
          .map(PinnedLinks::link)
          .flatMap(Optional::stream)
          .sorted()
          .toList();
    }
  }

  private static Optional<String> link(Path pin) {
    try (BpfLink link = BpfLink.openPinned(pin)) {
      return Optional.of("%s#%d".formatted(pin.getFileName(), link.info().id()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
