// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The server apps of one node's pods in one process: sockets belong to the cgroup of the process
 * that makes them, so each node needs its own, and one JVM starts sooner than many. Every pod
 * serves HTTP on 8080, telling what the server sees, and an echo of bytes on 9000.
 */
public final class LabApps {
  /** Answers with one JSON line: the pod, and the client's address as accept(2) told it. */
  public static final int HTTP_PORT = 8080;

  /** Sends every byte back. */
  public static final int ECHO_PORT = 9000;

  /** The hidden subcommand that runs it. */
  public static final String COMMAND = "lab-apps";

  private static final String READY = "apps ready";

  private LabApps() {}

  /** Starts the apps of these pods, all of one node, and waits until they listen. */
  public static LabProcess start(Lab lab, List<LabPod> pods) throws IOException {
    LabNode node = pods.getFirst().node();
    List<String> arguments = new ArrayList<>();
    pods.forEach(pod -> arguments.addAll(List.of(pod.name(), pod.netns())));
    LabPlace place = LabPlace.of(node.netns(), node.cgroup().resolve("pods"));
    LabProcess process =
        lab.start(place, "apps-" + node.name(), JavaCommand.program(COMMAND, arguments));
    process.awaitLine(READY, Duration.ofSeconds(20));
    return process;
  }

  /** Arguments: name and network namespace of each pod. */
  public static void main(String[] arguments) throws IOException {
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      String pod = arguments[i];
      LabPlace place = LabPlace.of(arguments[i + 1], Path.of("/"));
      WebApp.listen(place, pod, HTTP_PORT);
      EchoApp.listen(place, ECHO_PORT);
    }
    System.out.println(READY);
  }
}
