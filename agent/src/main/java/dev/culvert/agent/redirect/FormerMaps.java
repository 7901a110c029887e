// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import dev.culvert.linux.bpf.BpfMap;
import dev.culvert.linux.bpf.BpfObjectSpec;
import dev.culvert.linux.bpf.MapSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pinned maps that another version laid out otherwise. Where a map holds nothing but connections
 * that are being made, and what can be granted anew, a new one takes its place together with the
 * new programs. Which pods there are, and where their proxies listen, cannot be made anew without
 * leaving them open or cut off: such a map of another layout is refused.
 */
final class FormerMaps {
  private static final Logger LOG = LoggerFactory.getLogger(FormerMaps.class);

  private static final Set<String> PASSING =
      Set.of(
          "sockets",
          "directs",
          "pairs",
          "pair_generation",
          "pair_lease",
          "flows",
          "flow_reports",
          "flow_losses",
          "originals",
          "presents",
          "probes",
          "turns");

  /** The BPF file system has no dots in names. */
  private static final String ASIDE = "_former";

  private final Path folder;
  private final Set<String> wanted;
  private final List<String> aside = new ArrayList<>();

  private FormerMaps(Path folder, BpfObjectSpec spec) {
    this.folder = folder;
    this.wanted = spec.maps().stream().map(MapSpec::name).collect(Collectors.toSet());
  }

  /** Moves those away that are to be replaced; programs that run keep theirs. */
  static FormerMaps setAside(Path folder, BpfObjectSpec spec) throws IOException {
    FormerMaps former = new FormerMaps(folder, spec);
    for (String name : PASSING) {
      former.putBack(name); // an agent may have been killed at this point
    }
    for (MapSpec map : spec.maps()) {
      if (PASSING.contains(map.name()) && former.differs(map)) {
        former.move(map.name());
      }
    }
    return former;
  }

  private boolean differs(MapSpec map) throws IOException {
    Path pin = folder.resolve(map.name());
    if (!Files.exists(pin)) {
      return false;
    }
    try (BpfMap pinned = BpfMap.openPinned(pin)) {
      return !map.isLayoutOf(pinned.info());
    }
  }

  private void move(String name) throws IOException {
    Files.move(folder.resolve(name), aside(name), ATOMIC_MOVE);
    aside.add(name);
    LOG.info("map {} is laid out otherwise by another version: it is replaced", name);
  }

  private Path aside(String name) {
    return folder.resolve(name + ASIDE);
  }

  /** The programs that use them were not replaced. */
  void putBack() throws IOException {
    for (String name : aside) {
      putBack(name);
    }
  }

  private void putBack(String name) throws IOException {
    if (Files.exists(folder.resolve(name))) {
      Files.deleteIfExists(aside(name)); // its successor is in use already
    } else if (Files.exists(aside(name))) {
      Files.move(aside(name), folder.resolve(name), ATOMIC_MOVE);
    }
  }

  /** No program uses them any more, nor maps that this version has not. */
  void remove() throws IOException {
    for (Path pin : PinFolder.list(folder)) {
      if (!wanted.contains(pin.getFileName().toString())) {
        Files.deleteIfExists(pin);
      }
    }
  }
}
