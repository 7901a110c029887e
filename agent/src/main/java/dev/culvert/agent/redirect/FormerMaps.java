// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import dev.culvert.linux.bpf.BpfMap;
import dev.culvert.linux.bpf.BpfObject;
import dev.culvert.linux.bpf.BpfObjectSpec;
import dev.culvert.linux.bpf.MapSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pinned maps that another version, older or newer, laid out otherwise.
 *
 * <p>Where a map holds nothing but connections that are being made, and what can be granted anew,
 * an empty one takes its place together with the new programs. Which pods there are is copied into
 * one of the new layout before any program is replaced: what is known of a pod only ever grows at
 * its end. A map that differs in how many entries it has room for stays as it is, the proxies'
 * listeners among them, which only the proxies could register anew. What is left, other keys or
 * another kind of map, cannot be taken over without leaving pods open or cut off, and is refused.
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

  private static final Set<String> COPIED = Set.of("pods", "pod_addresses");

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
    try {
      for (MapSpec map : spec.maps()) {
        former.putBack(map.name()); // an agent may have been killed at this point
        former.setAside(map);
      }
      return former;
    } catch (IOException | RuntimeException e) {
      former.putBack();
      throw e;
    }
  }

  private void setAside(MapSpec map) throws IOException {
    if (!Files.exists(folder.resolve(map.name()))) {
      return;
    }
    try (BpfMap pinned = BpfMap.openPinned(folder.resolve(map.name()))) {
      if (map.isLayoutOf(pinned.info())) {
        return;
      }
      if (PASSING.contains(map.name())) {
        move(map.name(), "it is replaced");
      } else if (map.isLayoutButForEntriesOf(pinned.info())) {
        LOG.info("map {} has room for {} entries", map.name(), pinned.info().maxEntries());
      } else if (COPIED.contains(map.name()) && map.hasKeysOf(pinned.info())) {
        move(map.name(), "what it holds is copied");
      } else {
        throw refused(map, pinned);
      }
    }
  }

  private IOException refused(MapSpec map, BpfMap pinned) {
    return new IOException(
        "%s is pinned with another layout (%s) than this version has (%s). Its pods stay protected as that version did it: go back to that one, or drain the node and run 'culvert node clean' on it"
            .formatted(
                folder.resolve(map.name()), MapSpec.of(pinned.info()).layout(), map.layout()));
  }

  private void move(String name, String what) throws IOException {
    Files.move(folder.resolve(name), aside(name), ATOMIC_MOVE);
    aside.add(name);
    LOG.info("map {} is laid out otherwise by another version: {}", name, what);
  }

  private Path aside(String name) {
    return folder.resolve(name + ASIDE);
  }

  /** Before any program of the object is attached, so that each meets every pod. */
  void copyInto(BpfObject object) throws IOException {
    for (String name : aside) {
      if (COPIED.contains(name)) {
        try (BpfMap former = BpfMap.openPinned(aside(name))) {
          copy(former, object.map(name));
        }
      }
    }
  }

  private static void copy(BpfMap from, BpfMap to) throws IOException {
    for (byte[] key : from.keys()) {
      byte[] value = from.lookup(key).orElseThrow(); // agents alone write, and one at a time
      to.update(key, Arrays.copyOf(value, to.info().valueSize()));
    }
  }

  /** The programs that use them were not replaced. */
  void putBack() throws IOException {
    for (String name : aside) {
      putBack(name);
    }
  }

  private void putBack(String name) throws IOException {
    if (!Files.exists(aside(name))) {
      return;
    }
    if (PASSING.contains(name) && Files.exists(folder.resolve(name))) {
      Files.delete(aside(name)); // its successor is in use already
    } else {
      Files.move(aside(name), folder.resolve(name), ATOMIC_MOVE); // its successor may lack some
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
