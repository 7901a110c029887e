// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The committed plugin, called as a container runtime calls it. */
final class CniShim {
  static final Path BINARY = Path.of("../daemonset/cni/prebuilt/culvert-cni").toAbsolutePath();

  /** With blanks and an order of its own, to see that it is passed on byte for byte. */
  static final String PREVIOUS =
      """
      { "ips" : [ {"gateway":"198.18.0.1", "address": "%s/32"} ],
        "cniVersion":"1.1.0","dns":{},"x":"\\"}\\\\" , "n": 1.50}""";

  record Result(int exit, String output) {}

  private final Path socket;

  CniShim(Path socket) {
    this.socket = socket;
  }

  Result call(String command, Path netns, String pod, String previous) throws IOException {
    return call(command, "sandbox-" + pod, netns, pod, previous);
  }

  Result call(String command, String container, Path netns, String pod, String previous)
      throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", container);
    environment.put("CNI_NETNS", netns.toString());
    environment.put("CNI_IFNAME", "eth0");
    environment.put(
        "CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=%s".formatted(pod));
    String config =
        "{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"type\":\"culvert-cni\",\"socket\":\"%s\"%s}"
            .formatted(socket, previous.isEmpty() ? "" : ",\"prevResult\":" + previous);
    return run(environment, config);
  }

  /** What a runtime calls with the sandboxes that it has. */
  Result collectAllBut(String... containers) throws IOException {
    return collect("cni.dev/valid-attachments", containers);
  }

  /** The same with libcni 1.2.0 to 1.2.2. */
  Result collectAsFirstLibraries(String... containers) throws IOException {
    return collect("cni.dev/attachments", containers);
  }

  private Result collect(String key, String... containers) throws IOException {
    String attachments =
        Stream.of(containers)
            .map("{\"containerID\":\"%s\",\"ifname\":\"eth0\"}"::formatted)
            .collect(Collectors.joining(","));
    return run(
        Map.of("CNI_COMMAND", "GC"),
        "{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"type\":\"culvert-cni\",\"socket\":\"%s\",\"%s\":[%s]}"
            .formatted(socket, key, attachments));
  }

  static Result run(Map<String, String> environment, String config) throws IOException {
    return run(List.of(BINARY.toString()), environment, config);
  }

  /** As somebody who is not root, and can read the plugin there. */
  Result callAsNobody(Path plugin, String command) throws IOException {
    return run(
        List.of("setpriv", "--reuid=65534", "--clear-groups", plugin.toString()),
        Map.of("CNI_COMMAND", command),
        "{\"cniVersion\":\"1.1.0\",\"socket\":\"%s\"}".formatted(socket));
  }

  private static Result run(List<String> command, Map<String, String> environment, String config)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (var stdin = process.getOutputStream()) {
      stdin.write(config.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      // Not by onExit, for which a call that waits on the common pool would leave no thread.
      return new Result(process.waitFor(), output);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
