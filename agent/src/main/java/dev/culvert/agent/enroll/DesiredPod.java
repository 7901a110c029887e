// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import dev.culvert.agent.cni.Sandbox;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A pod that the source wants in the mesh of this node.
 *
 * @param uid as the API server has it
 * @param runtimeUid as the container runtime and the cgroups have it: another one of a static pod
 * @param netns the file of its network namespace; empty when the source does not say
 */
record DesiredPod(
    String uid,
    String runtimeUid,
    String namespace,
    String name,
    String serviceAccount,
    Optional<Path> netns,
    List<InetAddress> ips) {
  DesiredPod {
    ips = List.copyOf(ips);
  }

  /** In the network that the runtime told of, and with its addresses while the source has none. */
  DesiredPod in(Sandbox sandbox) {
    boolean same = ips.isEmpty() || EnrolledSandboxes.sameAddresses(ips, sandbox.ips());
    return new DesiredPod(
        uid,
        runtimeUid,
        namespace,
        name,
        serviceAccount,
        Optional.of(sandbox.netns()),
        same ? sandbox.ips() : ips);
  }

  DesiredPod in(Path file) {
    return new DesiredPod(uid, runtimeUid, namespace, name, serviceAccount, Optional.of(file), ips);
  }

  String title() {
    return namespace + "/" + name;
  }
}
