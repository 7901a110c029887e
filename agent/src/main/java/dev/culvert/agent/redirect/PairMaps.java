// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.Fd;
import dev.culvert.linux.MonotonicClock;
import dev.culvert.linux.bpf.BpfMap;
import dev.culvert.linux.bpf.BpfObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which pods may connect to each other without the proxy, as the kernel's maps have it. Grants are
 * written on one thread; {@link #renew} and {@link #voidAll} may be called on any.
 */
public final class PairMaps {
  /** As many ends as a grant may have. */
  public static final int MAX_ENDS = PairAbi.MAX_ENDS;

  private static final byte[] ONLY = new byte[4];

  private final SecureRandom random = new SecureRandom();
  private final BpfMap pairs;
  private final BpfMap flows;
  private final BpfMap generation;
  private final BpfMap lease;
  private final List<BpfMap> shared;

  PairMaps(BpfObject object) {
    this.pairs = object.map("pairs");
    this.flows = object.map("flows");
    this.generation = object.map("pair_generation");
    this.lease = object.map("pair_lease");
    this.shared = List.of(generation, object.map("flow_reports"), object.map("flow_losses"));
  }

  /**
   * What an application connects to.
   *
   * @param source the cookie of its namespace
   */
  public record Pair(long source, InetSocketAddress asked) {}

  /**
   * Where it comes out.
   *
   * @param netns the cookie of the namespace that has the address
   */
  public record End(long netns, InetSocketAddress endpoint) {}

  /**
   * What may have connections without the proxy.
   *
   * @param source the cookie of the client's namespace
   */
  public record Open(long source, InetSocketAddress endpoint) {}

  /**
   * Grants a pair, for as long as this generation is the current one.
   *
   * @param ends at least one, at most {@link #MAX_ENDS}
   */
  public void grant(long generation, Pair pair, List<End> ends) throws IOException {
    pairs.update(PairAbi.key(pair), PairAbi.grant(generation, ends));
  }

  /** Takes one pair back. */
  public void revoke(Pair pair) throws IOException {
    pairs.delete(PairAbi.key(pair));
  }

  /** Takes back every pair that begins or ends in the namespace, and what is on its way there. */
  public void drop(long cookie) throws IOException {
    for (byte[] key : pairs.keys()) {
      Optional<byte[]> grant = pairs.lookup(key);
      if (PairAbi.source(key) == cookie
          || grant.filter(value -> PairAbi.leadsTo(value, cookie)).isPresent()) {
        pairs.delete(key);
      }
    }
    for (byte[] key : flows.keys()) {
      if (flows.lookup(key).filter(flow -> PairAbi.isOf(flow, cookie)).isPresent()) {
        flows.delete(key);
      }
    }
  }

  /** Takes everything back, at once: a generation that no grant has. */
  public void voidAll() throws IOException {
    long fresh = 0;
    while (fresh == 0) {
      fresh = random.nextLong();
    }
    generation.update(ONLY, RedirectAbi.cookie(fresh));
    lease.update(ONLY, RedirectAbi.cookie(0));
  }

  /** Every pair that was granted and not taken back one by one, by where it comes out. */
  public List<Open> granted() throws IOException {
    List<Open> all = new ArrayList<>();
    for (byte[] key : pairs.keys()) {
      Optional<byte[]> grant = pairs.lookup(key);
      if (grant.isPresent()) {
        long source = PairAbi.source(key);
        PairAbi.endpoints(grant.get()).forEach(end -> all.add(new Open(source, end)));
      }
    }
    return all;
  }

  /** Removes every pair. */
  public void clear() throws IOException {
    for (byte[] key : pairs.keys()) {
      pairs.delete(key);
    }
  }

  /** Lets grants count for some time from now on. */
  public void renew(Duration span) throws IOException {
    lease.update(ONLY, RedirectAbi.cookie(MonotonicClock.nanos() + span.toNanos()));
  }

  /**
   * What ztunnel gets: the generation, to void it, and what is told of connections at their end.
   */
  public Fd[] shared() {
    return shared.stream().map(BpfMap::fd).toArray(Fd[]::new);
  }
}
