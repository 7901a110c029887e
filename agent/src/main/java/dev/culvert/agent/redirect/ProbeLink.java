// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.bpf.BpfLink;
import dev.culvert.linux.bpf.BpfMap;
import dev.culvert.linux.bpf.BpfObject;
import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The program that notes the connections of one group, the kubelet's, and what it has noted. One
 * thread.
 */
public final class ProbeLink {
  static final String PROGRAM = "probe_connect";
  private static final String NOTED = "probes";

  private final PinFolder pins;
  private final BpfObject object;

  ProbeLink(PinFolder pins, BpfObject object) {
    this.pins = pins;
    this.object = object;
  }

  /** Has the program run for this group, and for no other any more. */
  public void follow(Cgroup group) throws IOException {
    if (!isOf(group)) {
      drop();
    }
    PinnedLinks.run(object.program(PROGRAM), group.path(), pin());
  }

  private boolean isOf(Cgroup group) throws IOException {
    if (!Files.exists(pin())) {
      return false;
    }
    try (BpfLink link = BpfLink.openPinned(pin())) {
      return link.info().target() == PinnedLinks.cgroupId(group.path());
    }
  }

  /**
   * Lets nobody's probes in. What was noted goes too: nobody would take it out when its connection
   * closes, and then whoever gets that port of the node next would be let in.
   */
  public void drop() throws IOException {
    PinnedLinks.remove(pin());
    BpfMap noted = object.map(NOTED);
    for (byte[] connection : noted.keys()) {
      noted.delete(connection);
    }
  }

  private Path pin() {
    return pins.links().resolve(PROGRAM);
  }
}
