// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import dev.culvert.agent.cni.AdminSocket;
import dev.culvert.agent.cni.ConflistFolder;
import dev.culvert.agent.enroll.EnrolmentLoop;
import dev.culvert.agent.enroll.PodStatus;
import dev.culvert.agent.neighbours.Neighbour;
import dev.culvert.agent.neighbours.Neighbours;
import dev.culvert.agent.pairs.PairServer;
import dev.culvert.agent.probes.ProbeWatch;
import dev.culvert.agent.redirect.Redirect;
import dev.culvert.agent.report.ApiReports;
import dev.culvert.agent.report.PodReports;
import dev.culvert.agent.source.ClusterPods;
import dev.culvert.agent.source.PodSource;
import dev.culvert.agent.zds.ZdsServer;
import dev.culvert.linux.KernelRelease;
import dev.culvert.linux.bpf.Feature;
import dev.culvert.linux.bpf.FeatureResult;
import dev.culvert.linux.bpf.Features;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.linux.file.DirectoryWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's agent. It may be killed and started again at any time: what it has enrolled stays
 * enrolled meanwhile, and the next one takes it over without a gap.
 */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  /** A pod that starts has no addresses for a moment, and no reason to be told. */
  private static final Duration REPORT_PATIENCE = Duration.ofSeconds(10);

  private final Parts parts;
  private final EnrolmentLoop loop;
  private final AgentReport report;

  private Agent(Parts parts, EnrolmentLoop loop, AgentReport report) {
    this.parts = parts;
    this.loop = loop;
    this.report = report;
  }

  /**
   * Starts; returns once the redirect programs run and the source is being watched.
   *
   * @throws IOException when the kernel, the paths or another agent stand against it
   */
  public static Agent start(AgentConfig config) throws IOException {
    Parts parts = new Parts();
    try {
      return start(config, parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static Agent start(AgentConfig config, Parts parts) throws IOException {
    List<FeatureResult> features = probe();
    requireAll(features);
    AgentReport report = new AgentReport(config.node(), features);
    parts.add(AdminSocket.listen(config.socket(), report.answers()));
    Cgroup node = cgroup(config);
    Neighbours.requireShared(node.path());
    Redirect redirect = parts.add(Redirect.install(config.pinDirectory(), node));
    tellNeighbours(node, redirect);
    ProbeWatch probes = parts.add(ProbeWatch.start(config.probeOrigin(), node, redirect.probes()));
    ZdsServer zds = new ZdsServer(config.zdsSocket());
    EnrolmentLoop loop =
        parts.add(
            EnrolmentLoop.start(config.enrolment(), redirect, zds, node, reports(config, parts)));
    parts.add(zds); // closed before the loop, which owns the namespaces it sends
    report.complete(redirect, zds, loop, probes);
    listenForPairs(config, redirect, loop, parts);
    parts.add(AdminSocket.listenForCni(config.cniSocket(), loop.sandboxes()));
    if (config.cniConfDir().isPresent()) {
      report.complete(
          parts.add(
              ConflistFolder.keep(
                  config.cniConfDir().get(), config.cniSocket(), config.cniOwnList())));
    }
    parts.add(follow(config, loop));
    LOG.info("agent of node {} runs; source {}", config.node(), config.source());
    return new Agent(parts, loop, report);
  }

  private static List<FeatureResult> probe() throws IOException {
    try {
      return Features.probe();
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
      throw new IOException(
          "eBPF is forbidden to this process: run the agent as root, with SYS_ADMIN and NET_ADMIN, under no"
              + " seccomp profile but one that allows bpf",
          e);
    }
  }

  private static void tellNeighbours(Cgroup node, Redirect redirect) throws IOException {
    for (Neighbour each : Neighbours.of(node.path(), redirect.programs())) {
      if (each.mayTranslate()) {
        LOG.warn(
            "{}, and may choose a Service's endpoint first, past its waypoint: {}",
            each.text(),
            each.remedy());
      } else {
        LOG.info("{}", each.text());
      }
    }
  }

  private static PodReports reports(AgentConfig config, Parts parts) throws IOException {
    return switch (config.source()) {
      case PodSource.Folder _ -> PodReports.NOBODY;
      case PodSource.ApiServer server ->
          parts.add(new ApiReports(server.connect(), config.node(), REPORT_PATIENCE));
    };
  }

  private static AutoCloseable follow(AgentConfig config, EnrolmentLoop loop) throws IOException {
    return switch (config.source()) {
      case PodSource.Folder folder -> DirectoryWatch.start(folder.path(), loop::sourceChanged);
      case PodSource.ApiServer server ->
          ClusterPods.start(server.kubeconfig(), config.node(), loop::sourceChanged);
    };
  }

  private static void requireAll(List<FeatureResult> features) throws IOException {
    List<String> missing =
        features.stream()
            .filter(result -> result.feature().isRequired() && !result.available())
            .map(FeatureResult::toString)
            .toList();
    if (!missing.isEmpty()) {
      throw new IOException(
          "this kernel (%s) cannot carry the mesh: %s"
              .formatted(KernelRelease.running(), String.join("; ", missing)));
    }
    LOG.info("kernel {}: all that is needed is there", KernelRelease.running());
  }

  /** Last to begin and first to end: without it, everything is proxied. */
  private static void listenForPairs(
      AgentConfig config, Redirect redirect, EnrolmentLoop loop, Parts parts) throws IOException {
    try {
      if (Feature.SOCK_DESTROY.isAvailable()) {
        parts.add(PairServer.listen(config.pairsSocket(), redirect.pairs(), loop.pairs()));
        return;
      }
      LOG.info("every connection goes through ztunnel: {}", Feature.SOCK_DESTROY.description());
    } catch (IOException e) {
      LOG.warn("every connection goes through ztunnel: {}", e.getMessage());
    }
    redirect.pairs().voidAll();
  }

  private static Cgroup cgroup(AgentConfig config) throws IOException {
    return config.cgroup().isPresent() ? Cgroup.at(config.cgroup().get()) : Cgroup.root();
  }

  /** The node's pods as of the last pass. */
  public List<PodStatus> pods() {
    return loop.status();
  }

  /** As the admin socket answers {@code status}. */
  public List<String> status() {
    return report.status();
  }

  /** Ends this agent; what is enrolled stays so, for the next one. */
  @Override
  public void close() {
    parts.close();
  }

  /**
   * Takes everything out of the kernel that agents of this configuration put there.
   *
   * @throws IOException when one of them is running
   */
  public static void uninstall(AgentConfig config) throws IOException {
    try (AdminSocket _ = AdminSocket.listen(config.socket(), Map.of())) {
      if (config.cniConfDir().isPresent()) {
        // First: no pod shall wait for an agent that does not come back.
        ConflistFolder.restore(config.cniConfDir().get());
      }
      Redirect.uninstall(config.pinDirectory());
      LOG.info("uninstalled: nothing is left at {}", config.pinDirectory());
    }
  }
}
