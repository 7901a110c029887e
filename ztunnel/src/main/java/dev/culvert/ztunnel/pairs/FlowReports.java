// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.EndedConnections;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.zds.Pod;
import java.io.IOException;
import java.net.InetSocketAddress;
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
     * Connections are over.
     *
     * @param info that of each of them, but for the client's port
     */
    void over(
        ConnectionInfo info, EndedConnections ended, Optional<Verdict> verdict, Outcome outcome);
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
    FlowTurn turn = new FlowTurn((ends, ended) -> tell(ends, ended, verdicts));
    try {
      kernel.takeReports(IN_A_TURN, element -> turn.add(new FlowReport(element)));
      unheard = kernel.losses();
    } catch (IOException e) {
      LOG.warn("reports of connections cannot be read: {}", e.getMessage());
    }
    turn.over();
  }

  private void tell(
      FlowReport.Ends ends,
      EndedConnections ended,
      BiFunction<Pod, InetSocketAddress, Optional<Verdict>> verdicts) {
    Pod source = pods.get(ends.source());
    Pod destination = pods.get(ends.destination());
    if (source == null || destination == null) {
      unknown.addAndGet(ended.count());
      return;
    }
    Optional<Verdict> verdict = verdicts.apply(source, ends.server());
    Outcome outcome = outcome(ends, verdict);
    for (Direction direction : new Direction[] {Direction.OUTBOUND, Direction.INBOUND}) {
      log.over(info(direction, ends, source, destination), ended, verdict, outcome);
    }
  }

  private static Outcome outcome(FlowReport.Ends ends, Optional<Verdict> verdict) {
    if (verdict.orElse(null) instanceof Verdict.Deny deny) {
      return Outcome.denied(deny);
    }
    return ends.opened()
        ? Outcome.clean()
        : Outcome.failed(ResponseFlag.CONNECT, "the app: not reached");
  }

  private ConnectionInfo info(
      Direction direction, FlowReport.Ends ends, Pod source, Pod destination) {
    return new ConnectionInfo(
        direction,
        Security.SAME_NODE,
        new InetSocketAddress(ends.client(), 0),
        ends.server(),
        ends.asked(),
        Optional.empty(),
        mesh.workload(source.namespace(), source.name()),
        mesh.workload(destination.namespace(), destination.name()),
        ends.asked().equals(ends.server())
            ? Optional.empty()
            : mesh.serviceByVip(ends.asked().getAddress(), source.namespace()),
        Optional.of(source.identity()),
        Optional.of(destination.identity()));
  }
}
