// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The programs and maps of an object, in the kernel. */
public final class BpfObject implements AutoCloseable {
  private final BpfObjectSpec spec;
  private final Map<String, BpfProgram> programs = new LinkedHashMap<>();
  private final Map<String, BpfMap> maps = new LinkedHashMap<>();

  private BpfObject(BpfObjectSpec spec) {
    this.spec = spec;
  }

  /**
   * Creates or adopts the maps and has the kernel verify the programs. A pinned map keeps the
   * number of its entries. What this call had pinned is unpinned again when it fails.
   *
   * @throws BpfLoadException with the whole verifier log when a program is refused, or when a
   *     pinned map has another layout
   */
  public static BpfObject load(BpfObjectSpec spec, LoadOptions options) throws IOException {
    try (LibbpfLog log = LibbpfLog.open()) {
      return load(spec, options, log);
    }
  }

  private static BpfObject load(BpfObjectSpec spec, LoadOptions options, LibbpfLog log)
      throws IOException {
    try (LibbpfObject loading = LibbpfObject.open(spec)) {
      if (options.pinDirectory().isPresent()) {
        pinMaps(spec, loading, options.pinDirectory().get());
      }
      loading.load();
      return adopt(spec, loading);
    } catch (ErrnoException e) {
      throw BpfLoadException.refused(spec.name(), log.text(), e);
    }
  }

  private static void pinMaps(BpfObjectSpec spec, LibbpfObject loading, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    for (MapSpec map : spec.maps()) {
      Path pin = directory.resolve(map.name());
      if (Files.exists(pin)) {
        loading.sizeMap(map.name(), entries(map, pin));
      }
      loading.pinMap(map.name(), pin);
    }
  }

  private static int entries(MapSpec wanted, Path pin) throws IOException {
    try (BpfMap pinned = BpfMap.openPinned(pin)) {
      if (!wanted.isLayoutButForEntriesOf(pinned.info())) {
        throw BpfLoadException.otherLayout(pin, wanted, pinned.info().asSpec().layout());
      }
      return pinned.info().maxEntries();
    }
  }

  private static BpfObject adopt(BpfObjectSpec spec, LibbpfObject loaded) throws IOException {
    BpfObject object = new BpfObject(spec);
    try {
      for (ProgramSpec p : spec.programs()) {
        int attachType = loaded.attachType(p.name());
        object.programs.put(p.name(), new BpfProgram(p, attachType, loaded.programFd(p.name())));
      }
      for (MapSpec m : spec.maps()) {
        object.maps.put(m.name(), BpfMap.own(loaded.mapFd(m.name())));
      }
      return object;
    } catch (IOException | RuntimeException e) {
      object.close();
      throw e;
    }
  }

  /**
   * A program by its name.
   *
   * @throws IllegalArgumentException when there is none of this name
   */
  public BpfProgram program(String name) {
    return named(programs, name, "program");
  }

  /**
   * A map by its name; owned by this object.
   *
   * @throws IllegalArgumentException when there is none of this name
   */
  public BpfMap map(String name) {
    return named(maps, name, "map");
  }

  public List<BpfProgram> programs() {
    return List.copyOf(programs.values());
  }

  private <T> T named(Map<String, T> all, String name, String kind) {
    T found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "BPF object %s has no %s '%s', only %s"
              .formatted(spec.name(), kind, name, String.join(", ", all.keySet())));
    }
    return found;
  }

  /** Closes the descriptors; what is pinned or attached lives on. */
  @Override
  public void close() {
    programs.values().forEach(BpfProgram::close);
    maps.values().forEach(BpfMap::close);
  }
}
