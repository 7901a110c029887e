// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the access log says of one connection.
 *
 * @param millis how long it lasted
 * @param dryRun what the verdict would be with the policies in dry-run
 */
record AccessEntry(
    String message,
    ConnectionInfo info,
    long sent,
    long received,
    long millis,
    Optional<Verdict> verdict,
    Optional<Verdict> dryRun,
    Optional<TlsSession> tls,
    Outcome outcome)
    implements LogEntry {

  /** The line of a connection that never began. */
  static AccessEntry refused(ConnectionInfo info, Outcome outcome) {
    return new AccessEntry(
        "connection failed",
        info,
        0,
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        outcome);
  }

  /** What the lines of all connections between two ends have alike. */
  static AccessEntry ended(ConnectionInfo info, Optional<Verdict> verdict, Outcome outcome) {
    return new AccessEntry(
        "connection complete", info, 0, 0, 0, verdict, Optional.empty(), Optional.empty(), outcome);
  }

  @Override
  public void writeTo(Fields fields) {
    fields.plain("src.addr", address(info.source()));
    writeEnds(fields);
    fields.number("bytes_sent", sent);
    fields.number("bytes_recv", received);
    fields.text("duration", millis + "ms");
    writeResult(fields);
  }

  /** Who talks to whom, but for the client's address. */
  void writeEnds(Fields fields) {
    writeSource(fields);
    writeDestination(fields);
    fields.text("direction", info.direction().name().toLowerCase(Locale.ROOT));
  }

  /** What was decided on it, and how it ended. */
  void writeResult(Fields fields) {
    verdict
        .flatMap(Verdict::policy)
        .map(PolicyKey::toString)
        .ifPresent(p -> fields.text("policy", p));
    dryRun.ifPresent(would -> fields.text("dry_run", describe(would)));
    tls.ifPresent(session -> fields.text("tls.cipher", session.cipher()));
    text(fields, "tls.group", tls.flatMap(TlsSession::group));
    if (outcome.flag() != ResponseFlag.NONE) {
      fields.text("response_flags", outcome.flag().label());
    }
    outcome.error().ifPresent(error -> fields.text("error", error));
  }

  private static String describe(Verdict would) {
    String by = would.policy().map(policy -> " by " + policy).orElse("");
    return would.isAllowed() ? "allowed" + by : "denied" + by;
  }

  private void writeSource(Fields fields) {
    text(fields, "src.workload", info.sourceWorkload().map(Workload::name));
    text(fields, "src.namespace", info.sourceWorkload().map(Workload::namespace));
    text(fields, "src.identity", proven(info.sourceIdentity()));
    text(fields, "src.cluster", cluster(info.sourceWorkload()));
  }

  private void writeDestination(Fields fields) {
    fields.plain("dst.addr", address(info.destination()));
    info.hboneAddress().ifPresent(hbone -> fields.plain("dst.hbone_addr", address(hbone)));
    text(fields, "dst.service", info.service().map(Service::hostname));
    text(fields, "dst.workload", info.destinationWorkload().map(Workload::name));
    text(fields, "dst.namespace", info.destinationWorkload().map(Workload::namespace));
    text(fields, "dst.identity", proven(info.destinationIdentity()));
    text(fields, "dst.cluster", cluster(info.destinationWorkload()));
  }

  /** An identity counts only when it was proven. */
  private Optional<String> proven(Optional<SpiffeId> identity) {
    return info.security() == Security.NONE ? Optional.empty() : identity.map(SpiffeId::toString);
  }

  private static Optional<String> cluster(Optional<Workload> workload) {
    Function<Workload, String> cluster = w -> w.attribution().clusterId();
    return workload.map(cluster).filter(id -> !id.isEmpty());
  }

  private static void text(Fields fields, String name, Optional<String> value) {
    value.ifPresent(present -> fields.text(name, present));
  }

  private static String address(InetSocketAddress address) {
    return NetUtil.toSocketAddressString(address);
  }
}
