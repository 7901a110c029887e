// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A lab that another process made, as its manifest tells it.
 *
 * @param name the lab's name
 * @param pods where the processes of each pod run, by the pod's name
 * @param processes the long-lived processes; of several with one name the latest
 */
public record RunningLab(String name, Map<String, LabPlace> pods, List<Member> processes) {
  /**
   * A process of the lab.
   *
   * @param name as its log is named
   * @param pid its number
   * @param alive whether it runs now
   */
  public record Member(String name, long pid, boolean alive) {}

  /**
   * Finds it.
   *
   * @throws IOException when there is no lab of that name
   */
  public static RunningLab of(String name) throws IOException {
    Map<String, LabPlace> pods = new LinkedHashMap<>();
    Map<String, Member> processes = new LinkedHashMap<>();
    for (Manifest.Entry entry : Manifest.entries(new LabLayout(name))) {
      String[] words = entry.value().split(" ", -1);
      if (entry.kind().equals("pod")) {
        pods.put(words[0], LabPlace.ofPod(words[1], Path.of(words[2])));
      } else if (entry.kind().equals("process") && words.length == 3) {
        member(entry.value(), words[2]).ifPresent(member -> processes.put(member.name(), member));
      }
    }
    return new RunningLab(name, pods, new ArrayList<>(processes.values()));
  }

  /**
   * Where a pod's processes run.
   *
   * @throws IOException when it has no such pod, naming those it has
   */
  public LabPlace place(String pod) throws IOException {
    LabPlace place = pods.get(pod);
    if (place == null) {
      throw new IOException("no pod '%s'; there are %s".formatted(pod, pods.keySet()));
    }
    return place;
  }

  private static Optional<Member> member(String pid, String name) {
    return LabPid.parse(pid).map(process -> new Member(name, process.pid(), process.isAlive()));
  }
}
