// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.culvert.agent.enroll.PodStatus;
import dev.culvert.agent.peers.Await;
import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.KernelRelease;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.policy.settings.Settings;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** A node of its own: a cgroup that this JVM is in, a bpffs, a folder of YAML, sockets. */
final class TestNode implements AutoCloseable {
  private final Path folder;
  private final Cgroup before;
  private final Cgroup cgroup;
  private final Deque<Cgroup> groups = new ArrayDeque<>();
  private final long self = ProcessHandle.current().pid();
  private Optional<Agent> agent = Optional.empty();

  TestNode(Path folder) throws IOException {
    this.folder = folder;
    this.before = ownCgroup();
    this.cgroup = Cgroup.root().child("culvert-agent-" + self);
    cgroup.add(self);
    Files.createDirectories(source());
  }

  private static Cgroup ownCgroup() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
            .filter(each -> each.startsWith("0::/"))
            .findFirst()
            .orElseThrow();
    return new Cgroup(Cgroup.root().path().resolve(line.substring("0::/".length())));
  }

  Path cgroup() {
    return cgroup.path();
  }

  /** Whether a program can be attached before others: Linux 6.17. */
  static boolean kernelHasOrder() throws IOException {
    return KernelRelease.running().compareTo(KernelRelease.parse("6.17")) >= 0;
  }

  Path source() {
    return folder.resolve("source");
  }

  Path zdsSocket() {
    return folder.resolve("ztunnel.sock");
  }

  Path pairsSocket() {
    return folder.resolve("pairs.sock");
  }

  Path cniSocket() {
    return folder.resolve("cni.sock");
  }

  /** A cgroup as the kubelet makes it, below that of the node. */
  Cgroup podCgroup(String... names) throws IOException {
    Cgroup group = cgroup;
    for (String name : names) {
      group = group.child(name);
      groups.push(group);
    }
    return group;
  }

  Path pins() {
    return folder.resolve("pins");
  }

  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("node", "one");
    settings.put("source", source().toString());
    settings.put("cgroup", cgroup.path().toString());
    settings.put("pin-dir", pins().toString());
    settings.put("zds-socket", zdsSocket().toString());
    settings.put("pairs-socket", pairsSocket().toString());
    settings.put("socket", folder.resolve("agent.sock").toString());
    settings.put("cni-socket", cniSocket().toString());
    settings.put("cni-patience", "2s");
    settings.put("ztunnel-patience", "300ms");
    return settings;
  }

  AgentConfig config() {
    return AgentConfig.from(Settings.of(AgentConfig.settings(), settings()));
  }

  void write(String file, String yaml) throws IOException {
    Path draft = Files.writeString(folder.resolve("draft"), yaml);
    Files.move(draft, source().resolve(file), REPLACE_EXISTING);
  }

  void delete(String file) throws IOException {
    Files.delete(source().resolve(file));
  }

  Agent start() throws IOException {
    Agent started = Agent.start(config());
    agent = Optional.of(started);
    return started;
  }

  /** With this JVM as the kubelet, in a group of that name. */
  Cgroup becomeKubelet(String... names) throws IOException {
    Cgroup kubelet = podCgroup(names);
    kubelet.add(self);
    return kubelet;
  }

  /** This JVM is any process of the node again. */
  void becomeAnybody() throws IOException {
    cgroup.add(self);
  }

  void startWithProbesOf(String group) throws IOException {
    startWith("probe-cgroup", Path.of(group));
  }

  /** With the pods of an API server instead of a folder's. */
  void startFrom(Path kubeconfig) throws IOException {
    Map<String, String> settings = settings();
    settings.put("source", "kubernetes");
    settings.put("kubeconfig", kubeconfig.toString());
    agent =
        Optional.of(Agent.start(AgentConfig.from(Settings.of(AgentConfig.settings(), settings))));
  }

  /** With a cgroup that this JVM is not in. */
  void startInInnerCgroup() throws IOException {
    startWith("cgroup", cgroup.child("inner").path());
  }

  void startWith(String setting, Path value) throws IOException {
    Map<String, String> settings = settings();
    settings.put(setting, value.toString());
    agent =
        Optional.of(Agent.start(AgentConfig.from(Settings.of(AgentConfig.settings(), settings))));
  }

  String ask(String request) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("agent.sock"));
    try (SocketChannel channel = SocketChannel.open(address)) {
      channel.write(ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  void awaitAnswer(String request, String part) throws Exception {
    Await.until(() -> ask(request).contains(part), () -> "the answer stays " + ask(request));
  }

  /** Waits until the answer is another one, with that in it. */
  void awaitChange(String request, String before, String part) throws Exception {
    Await.until(
        () -> !ask(request).equals(before) && ask(request).contains(part),
        () -> "the answer stays " + ask(request));
  }

  void stop() {
    agent.ifPresent(Agent::close);
    agent = Optional.empty();
  }

  /** Waits for the agent's first pass, then connects as ztunnel does. */
  ScriptedZtunnel ztunnel() throws Exception {
    List<ScriptedZtunnel> connected = new ArrayList<>();
    Await.until(() -> isHeard(connected), () -> "no agent listens at " + zdsSocket());
    return connected.getFirst();
  }

  private boolean isHeard(List<ScriptedZtunnel> connected) throws IOException {
    try {
      return connected.add(ScriptedZtunnel.hello(zdsSocket()));
    } catch (ErrnoException notYet) {
      return false;
    }
  }

  /** The pods, once they are as they should be. */
  List<PodStatus> await(Predicate<List<PodStatus>> condition) throws Exception {
    AtomicReference<List<PodStatus>> pods = new AtomicReference<>();
    Await.until(
        () -> {
          pods.set(agent.orElseThrow().pods());
          return condition.test(pods.get());
        },
        () -> "pods stay " + pods);
    return pods.get();
  }

  void awaitState(String pod, String state) throws Exception {
    await(
        pods ->
            pods.stream().anyMatch(each -> each.pod().equals(pod) && each.state().equals(state)));
  }

  void awaitNote(String pod, String part) throws Exception {
    await(
        pods ->
            pods.stream().anyMatch(each -> each.pod().equals(pod) && each.note().contains(part)));
  }

  @Override
  public void close() throws IOException {
    stop();
    Agent.uninstall(config());
    before.add(self);
    for (Cgroup group : groups) {
      group.remove();
    }
    new Cgroup(cgroup.path().resolve("inner")).remove();
    cgroup.remove();
  }
}
