// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.bpf.BpfObject;
import dev.culvert.linux.bpf.BpfObjectSpec;
import dev.culvert.linux.bpf.BpfProgram;
import dev.culvert.linux.bpf.LoadOptions;
import dev.culvert.linux.bpf.NetnsLink;
import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** How the redirect programs get to a node, in place of an earlier agent's, and away from it. */
record Installation(PinFolder pins) {
  /** Looks up sockets in the network namespaces of pods. */
  static final String STEER = "steer";

  private static final String RESOURCE = "/dev/culvert/bpf/redirect.bpf.o";

  /** Loads, attaches and pins, or takes over. */
  BpfObject install(Cgroup cgroup) throws IOException {
    BpfObjectSpec spec = spec();
    FormerMaps former = FormerMaps.setAside(pins.maps(), spec);
    BpfObject object = load(spec, former);
    try {
      attach(object, cgroup);
      former.remove();
      return object;
    } catch (IOException | RuntimeException e) {
      object.close();
      throw e;
    }
  }

  private static BpfObjectSpec spec() throws IOException {
    try (InputStream resource = Installation.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IOException(RESOURCE + " is not on the class path: build bpf-programs");
      }
      return BpfObjectSpec.read(resource.readAllBytes());
    }
  }

  private BpfObject load(BpfObjectSpec spec, FormerMaps former) throws IOException {
    try {
      BpfObject object = BpfObject.load(spec, LoadOptions.pinnedMaps(pins.maps()));
      copy(former, object);
      return object;
    } catch (IOException | RuntimeException e) {
      former.putBack();
      throw e;
    }
  }

  private static void copy(FormerMaps former, BpfObject object) throws IOException {
    try {
      former.copyInto(object);
    } catch (IOException | RuntimeException e) {
      object.close();
      throw e;
    }
  }

  private void attach(BpfObject object, Cgroup cgroup) throws IOException {
    Set<String> attached = new LinkedHashSet<>(List.of(ProbeLink.PROGRAM));
    for (BpfProgram program : object.programs()) {
      if (isOfNode(program)) {
        attached.add(program.name());
        PinnedLinks.run(program, cgroup.path(), pins.links().resolve(program.name()));
      }
    }
    PinnedLinks.removeOthers(pins.links(), attached);
    for (Path pin : PinFolder.list(pins.namespaces())) {
      takeOver(pin, object.program(STEER));
    }
  }

  private static boolean isOfNode(BpfProgram program) {
    return !program.name().equals(STEER) && !program.name().equals(ProbeLink.PROGRAM);
  }

  private static void takeOver(Path pin, BpfProgram steer) throws IOException {
    try (NetnsLink link = NetnsLink.openPinned(pin)) {
      if (link.info().isAttached()) {
        link.update(steer);
        return;
      }
    }
    Files.deleteIfExists(pin); // the namespace is gone, and with it whatever was steered
  }

  /** Detaches and unpins everything, and tells the paths of what it was. */
  List<String> remove() throws IOException {
    new ReusedPorts(pins.reusedPorts()).restoreAll();
    List<Path> links = new ArrayList<>(PinFolder.list(pins.namespaces()));
    links.addAll(PinFolder.list(pins.links()));
    for (Path link : links) {
      PinnedLinks.remove(link);
    }
    List<Path> maps = PinFolder.list(pins.maps());
    for (Path map : maps) {
      Files.deleteIfExists(map);
    }
    pins.remove();
    return Stream.concat(links.stream(), maps.stream()).map(Path::toString).toList();
  }
}
