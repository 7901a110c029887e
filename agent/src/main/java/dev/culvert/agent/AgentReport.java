// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import dev.culvert.agent.cni.Answer;
import dev.culvert.agent.cni.ConflistFolder;
import dev.culvert.agent.cni.ConflistState;
import dev.culvert.agent.enroll.EnrolmentLoop;
import dev.culvert.agent.enroll.PodStatus;
import dev.culvert.agent.probes.ProbeWatch;
import dev.culvert.agent.redirect.Redirect;
import dev.culvert.agent.zds.ZdsServer;
import dev.culvert.linux.bpf.Feature;
import dev.culvert.linux.bpf.FeatureResult;
import dev.culvert.linux.bpf.LinkInfo;
import dev.culvert.policy.text.OneLine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The answers on the admin socket: one line for each thing, a word and {@code key=value}s. */
final class AgentReport {
  private record Subject(Redirect redirect, ZdsServer zds, EnrolmentLoop loop, ProbeWatch probes) {}

  private final String node;
  private final List<FeatureResult> features;
  private volatile Optional<Subject> subject = Optional.empty();
  private volatile Optional<ConflistFolder> conflist = Optional.empty();

  AgentReport(String node, List<FeatureResult> features) {
    this.node = node;
    this.features = List.copyOf(features);
  }

  /** From now on there is something to tell. */
  void complete(Redirect redirect, ZdsServer zds, EnrolmentLoop loop, ProbeWatch probes) {
    subject = Optional.of(new Subject(redirect, zds, loop, probes));
  }

  /** And of the runtime's configuration. */
  void complete(ConflistFolder kept) {
    conflist = Optional.of(kept);
  }

  Map<String, Answer> answers() {
    return Map.of(
        "status", this::status,
        "cni", this::cni,
        "features", this::features,
        "links", this::links,
        "probes", this::probes);
  }

  List<String> status() {
    if (subject.isEmpty()) {
      return List.of("agent node=%s state=starting".formatted(node));
    }
    List<PodStatus> pods = subject.get().loop().status();
    List<String> lines = new ArrayList<>();
    int connected = subject.get().zds().connected();
    lines.add("agent node=%s ztunnels=%d pods=%d".formatted(node, connected, pods.size()));
    pods.forEach(pod -> lines.add(line(pod)));
    return lines;
  }

  private static String line(PodStatus pod) {
    String netns = pod.netns().map(cookie -> " netns=" + cookie).orElse("");
    String note = pod.note().isEmpty() ? "" : " note=\"%s\"".formatted(unquoted(pod.note()));
    return "pod name=\"%s\" state=\"%s\" addresses=\"%s\"%s%s"
        .formatted(pod.pod(), pod.state(), pod.addresses(), netns, note);
  }

  /** Who reads it takes a quote for the end, and a line for the next thing. */
  private static String unquoted(String text) {
    return OneLine.of(text).replace('"', '\'');
  }

  private List<String> cni() {
    return conflist.map(ConflistFolder::state).stream().map(AgentReport::line).toList();
  }

  private static String line(ConflistState cni) {
    return "cni folder=\"%s\" in=%s edits=%d note=\"%s\""
        .formatted(cni.folder(), cni.isIn(), cni.edits(), unquoted(cni.note()));
  }

  private List<String> probes() {
    return subject.flatMap(each -> each.probes().group()).stream()
        .map("probes cgroup=\"%s\""::formatted)
        .toList();
  }

  private List<String> features() {
    return features.stream().map(AgentReport::line).toList();
  }

  private static String line(FeatureResult result) {
    Feature feature = result.feature();
    return "feature name=%s available=%s since=%s text=\"%s\""
        .formatted(feature, result.available(), feature.since(), feature.description());
  }

  private List<String> links() throws IOException {
    List<String> lines = new ArrayList<>();
    if (subject.isPresent()) {
      subject.get().redirect().links().forEach((pin, link) -> lines.add(line(pin, link)));
    }
    return lines;
  }

  private static String line(Path pin, LinkInfo link) {
    return "link pin=%s id=%d program=%d target=%d attached=%s"
        .formatted(pin, link.id(), link.programId(), link.target(), link.isAttached());
  }
}
