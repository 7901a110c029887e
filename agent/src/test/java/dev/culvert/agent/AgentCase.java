// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node without an agent yet, and a pod on it. */
abstract class AgentCase {
  @TempDir Path folder;
  TestNode node;
  TestPod pod;
  NetworkNamespace netns;
  PodTraffic traffic;

  @BeforeEach
  final void openNode() throws IOException {
    node = new TestNode(folder);
    pod = new TestPod();
    netns = pod.open();
    traffic = new PodTraffic(netns);
  }

  @AfterEach
  final void closeNode() throws IOException {
    netns.close();
    node.close();
    pod.close();
  }

  /** Starts the agent, and a ztunnel that takes the pod, once that is told of. */
  final ScriptedZtunnel enrol() throws Exception {
    node.write("pod.yaml", pod.yaml("web"));
    node.start();
    return serve();
  }

  /** A ztunnel that takes the pod of the agent that runs. */
  final ScriptedZtunnel serve() throws Exception {
    ScriptedZtunnel ztunnel = node.ztunnel();
    ztunnel.acknowledgeUntil("snapshot");
    node.awaitState("shop/web", "enrolled");
    return ztunnel;
  }
}
