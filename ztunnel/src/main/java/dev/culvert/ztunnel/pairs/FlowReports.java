// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of connections without a proxy when they are over, as both of their sides. */
public final class FlowReports {
  private static final Logger LOG = LoggerFactory.getLogger(FlowReports.class);

  /** Beyond what a node has, for those that left while their last reports were on their way. */
  private static final int MAX_PODS = 4096;

  /** So that grants do not wait long. */
  private static final int IN_A_TURN = 4096;

  /** Where it is told. */
  public interface Log {
    /**
     * A connection is over.
     *
     * @param sent bytes from the client
     * @param received bytes from the server
     */
    void over(
        ConnectionInfo info,
        long sent,
        long received,
        Duration lasted,
        Optional<Verdict> verdict,
        Outcome outcome);
  }

  private final MeshState mesh;
  private final Log log;
  private final AtomicLong unknown = new AtomicLong();
  private volatile long unheard;
  private final Map<Long, Pod> pods =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Pod> eldest) {
          return size() > MAX_PODS;
        }
      };

  public FlowReports(MeshState mesh, Log log) {
    this.mesh = mesh;
    this.log = log;
  }

  /** How many ended without being told of. Any thread. */
  public long lost() {
    return unheard + unknown.get();
  }

  void known(long cookie, Pod pod) {
    pods.remove(cookie);
    pods.put(cookie, pod);
  }

  /** Takes what the kernel has. */
  void read(KernelMaps kernel, BiFunction<Pod, InetSocketAddress, Optional<Verdict>> verdicts) {
    try {
      Optional<FlowReport> next = kernel.nextReport();
      for (int i = 1; next.isPresent() && i < IN_A_TURN; i++) {
        tell(next.get(), verdicts);
        next = kernel.nextReport();
      }
      next.ifPresent(last -> tell(last, verdicts));
      unheard = kernel.losses();
    } catch (IOException e) {
      LOG.warn("reports of connections cannot be read: {}", e.getMessage());
    }
  }

  private void tell(
      FlowReport report, BiFunction<Pod, InetSocketAddress, Optional<Verdict>> verdicts) {
    Pod source = pods.get(report.source());
    Pod destination = pods.get(report.destination());
    if (source == null || destination == null) {
      unknown.incrementAndGet();
      return;
    }
    Optional<Verdict> verdict = verdicts.apply(source, report.server());
    Outcome outcome = outcome(report, verdict);
    for (Direction direction : new Direction[] {Direction.OUTBOUND, Direction.INBOUND}) {
      log.over(
          info(direction, report, source, destination),
          report.sent(),
          report.received(),
          report.lasted(),
          verdict,
          outcome);
    }
  }

  private static Outcome outcome(FlowReport report, Optional<Verdict> verdict) {
    if (verdict.orElse(null) instanceof Verdict.Deny deny) {
      String policy = deny.policy().map(key -> " (" + key + ")").orElse("");
      return Outcome.failed(ResponseFlag.DENY, "denied: %s%s".formatted(deny.reason(), policy));
    }
    return report.opened()
        ? Outcome.clean()
        : Outcome.failed(ResponseFlag.CONNECT, "the app: not reached");
  }

  private ConnectionInfo info(Direction direction, FlowReport report, Pod source, Pod destination) {
    return new ConnectionInfo(
        direction,
        Security.SAME_NODE,
        report.client(),
        report.server(),
        report.asked(),
        Optional.empty(),
        mesh.workload(source.namespace(), source.name()),
        mesh.workload(destination.namespace(), destination.name()),
        report.asked().equals(report.server())
            ? Optional.empty()
            : mesh.serviceByVip(report.asked().getAddress(), source.namespace()),
        Optional.of(source.identity()),
        Optional.of(destination.identity()));
  }
}
