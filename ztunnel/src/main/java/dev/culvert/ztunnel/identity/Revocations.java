// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates that were taken back, by a file of CRLs that is looked at again on a thread of its
 * own, {@code crl}: for new handshakes, and for peers that are connected when it changes. A file
 * that is not there yet revokes nothing; one that does not parse leaves the last good in force.
 */
public final class Revocations implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Revocations.class);

  /** A connected peer, until closed. */
  interface Watched extends AutoCloseable {
    @Override
    void close();
  }

  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private final Optional<Path> file;
  private final MeterRegistry registry;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("crl").factory());
  private volatile RevocationLists lists = RevocationLists.none();
  private byte[] content = {};
  private String problem = "";

  private Revocations(Optional<Path> file, MeterRegistry registry) {
    this.file = file;
    this.registry = registry;
  }

  /** Nothing is ever revoked. */
  public static Revocations none() {
    return new Revocations(Optional.empty(), new SimpleMeterRegistry());
  }

  /**
   * What a file revokes.
   *
   * @param interval between looks at it
   * @param registry counts what is refused or closed
   */
  public static Revocations of(Path file, Duration interval, MeterRegistry registry) {
    Revocations revocations = new Revocations(Optional.of(file), registry);
    for (String reporter : List.of("source", "destination")) {
      var _ = revocations.rejections(reporter);
      var _ = revocations.untracked(reporter);
    }
    revocations.reload();
    var _ =
        revocations.thread.scheduleWithFixedDelay(
            revocations::reload, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    return revocations;
  }

  /** Counts one refusal, by the side of TLS that refused: {@code source} or {@code destination}. */
  void count(String reporter) {
    rejections(reporter).increment();
  }

  /** Counts one connected peer that cannot be watched, by the side of TLS that closes it. */
  void countUntracked(String reporter) {
    untracked(reporter).increment();
  }

  private Counter untracked(String reporter) {
    return registry.counter("istio_crl_untracked_connections", "reporter", reporter);
  }

  /** There from the start, so that the first one is seen as an increase. */
  private Counter rejections(String reporter) {
    return registry.counter("istio_crl_policy_rejections", "reporter", reporter);
  }

  /** The first of the chain that was revoked by one of the issuers. */
  Optional<X509Certificate> find(List<X509Certificate> chain, Collection<X509Certificate> issuers) {
    return lists.revoked(chain, issuers);
  }

  /**
   * Watches a connected peer.
   *
   * @param issuers who may have signed its chain
   * @param revoked called at most once, on any thread
   */
  Watched watch(
      List<X509Certificate> chain,
      Collection<X509Certificate> issuers,
      Consumer<RevokedException> revoked) {
    Peer peer = new Peer(chain, issuers, revoked);
    if (file.isPresent()) {
      peers.add(peer);
      // The file may have changed since the handshake, and would not be looked at again.
      check(peer);
    }
    return peer;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  /** Looks at the file now. */
  public synchronized void reload() {
    try {
      byte[] now = Files.readAllBytes(file.orElseThrow());
      if (!Arrays.equals(now, content)) {
        content = now;
        take(RevocationLists.parse(now));
      }
      problem = "";
    } catch (NoSuchFileException e) {
      complain("no such file");
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      complain(e.toString());
    }
  }

  private void take(RevocationLists parsed) {
    parsed
        .outdated(Instant.now())
        .forEach(
            list ->
                LOG.warn(
                    "crl-file: the list of {} should have been replaced on {}; it is used still",
                    list.getIssuerX500Principal(),
                    list.getNextUpdate().toInstant()));
    lists = parsed;
    LOG.info("crl-file: {} lists, {} peers are looked at again", parsed.size(), peers.size());
    peers.forEach(this::check);
  }

  /** Once for each problem, not once for each look. */
  private void complain(String now) {
    if (!now.equals(problem)) {
      problem = now;
      LOG.warn("crl-file {}: {}; what was read last stays in force", file.orElseThrow(), now);
    }
  }

  private void check(Peer peer) {
    find(peer.chain, peer.issuers)
        .filter(revoked -> peers.remove(peer))
        .ifPresent(revoked -> peer.revoked.accept(new RevokedException(revoked)));
  }

  /** By identity: two peers may have equal chains. */
  private final class Peer implements Watched {
    private final List<X509Certificate> chain;
    private final Collection<X509Certificate> issuers;
    private final Consumer<RevokedException> revoked;

    Peer(
        List<X509Certificate> chain,
        Collection<X509Certificate> issuers,
        Consumer<RevokedException> revoked) {
      this.chain = chain;
      this.issuers = issuers;
      this.revoked = revoked;
    }

    @Override
    public void close() {
      peers.remove(this);
    }
  }
}
