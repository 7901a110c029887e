// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace with addresses on its loopback: what it sends there never leaves it. */
final class TestPod implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name;
  private final InetAddress address;

  TestPod() throws IOException {
    this(InetAddress.ofLiteral("198.18.250." + (COUNT.get() + 1)));
  }

  TestPod(InetAddress address) throws IOException {
    this.name =
        "culvert-agent-%d-%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
    this.address = address;
    make();
  }

  /** Makes the namespace again under the same name, after {@link #delete}. */
  void make() throws IOException {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "addr", "add", address.getHostAddress() + "/32", "dev", "lo");
    ip("-n", name, "addr", "add", "198.18.255.1/32", "dev", "lo");
  }

  void assign(InetAddress ip) throws IOException {
    ip("-n", name, "addr", "add", ip.getHostAddress() + "/128", "dev", "lo", "nodad");
  }

  void delete() throws IOException {
    ip("netns", "del", name);
  }

  Path path() {
    return Path.of("/run/netns", name);
  }

  InetAddress address() {
    return address;
  }

  NetworkNamespace open() throws IOException {
    return NetworkNamespace.open(path());
  }

  String yaml(String podName) {
    return yaml(podName, address());
  }

  String yaml(String podName, InetAddress ip) {
    return """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          namespace: shop
          labels: {culvert.dev/dataplane-mode: ambient}
          annotations: {culvert.dev/netns: %s}
        spec: {nodeName: one, serviceAccountName: robot}
        status: {podIPs: [{ip: %s}]}
        """
        .formatted(podName, path(), ip.getHostAddress());
  }

  private static void ip(String... arguments) throws IOException {
    String[] command = new String[arguments.length + 1];
    command[0] = "ip";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }

  @Override
  public void close() throws IOException {
    if (path().toFile().exists()) {
      delete();
    }
  }
}
