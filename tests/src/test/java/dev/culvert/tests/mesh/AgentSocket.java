// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.regex.Pattern;

/** Asks a node's agent over its local socket. */
record AgentSocket(LabNode node) {
  /** That one, and not one of the same name that was there before. */
  boolean hasEnrolled(LabPod pod) throws IOException {
    String line =
        "pod name=\"%s/%s\" state=\"enrolled\"".formatted(pod.spec().namespace(), pod.name());
    return ask("status")
        .lines()
        .anyMatch(each -> each.startsWith(line) && (has(each, pod.ip4()) || has(each, pod.ip6())));
  }

  private static boolean has(String line, String address) {
    String text = InetAddress.ofLiteral(address).getHostAddress();
    return Pattern.compile("[ \"]" + Pattern.quote(text) + "[ \"]").matcher(line).find();
  }

  private String ask(String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(node.agentSocket()));
      channel.write(UTF_8.encode(request + "\n"));
      ByteBuffer answer = ByteBuffer.allocate(1 << 20);
      while (channel.read(answer) >= 0) {
        // the agent ends its answer by closing
      }
      return UTF_8.decode(answer.flip()).toString();
    }
  }
}
