// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import com.google.protobuf.ByteString;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.wire.security.Action;
import dev.culvert.policy.wire.security.Address;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.Scope;
import dev.culvert.policy.wire.security.ServiceAccountMatch;
import dev.culvert.policy.wire.security.StringMatch;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/** Policies and connections made of so few values that they meet often. */
final class RandomPolicies {
  private static final List<String> NAMESPACES = List.of("shop", "bank", "shop2", "");
  private static final List<String> NAMED = List.of("shop", "bank", "shop2");
  private static final List<String> ACCOUNTS = List.of("web", "db", "web2");
  private static final List<String> DOMAINS = List.of("cluster.local", "other.example");
  private static final List<String> PIECES =
      List.of("", "shop", "cluster.local", "cluster.local/ns/shop", "/sa/web", "2", "bank");
  private static final List<String> ADDRESSES =
      List.of(
          "198.18.0.1",
          "198.18.0.2",
          "198.19.0.1",
          "10.0.0.1",
          "0.0.0.0",
          "::ffff:198.18.0.1",
          "fd00:c01::1",
          "fd00:c01::2",
          "fd00:c02::1",
          "::");
  private static final int[] PORTS = {80, 81, 443, 8080};

  private final Random random;

  RandomPolicies(long seed) {
    random = new Random(seed);
  }

  List<Authorization> policies() {
    List<Authorization> policies = new ArrayList<>();
    int count = random.nextInt(40);
    for (int i = 0; i < count; i++) {
      policies.add(policy("p" + i));
    }
    return policies;
  }

  private Authorization policy(String name) {
    Authorization.Builder policy =
        Authorization.newBuilder()
            .setName(name)
            .setNamespace(pick(NAMED))
            .setScope(Scope.forNumber(random.nextInt(3)))
            .setAction(random.nextInt(3) == 0 ? Action.DENY : Action.ALLOW)
            .setDryRun(random.nextInt(8) == 0);
    times(4, n -> policy.addRules(rule()));
    return policy.build();
  }

  private Rule rule() {
    Rule.Builder rule = Rule.newBuilder();
    times(3, n -> rule.addClauses(clause()));
    return rule.build();
  }

  private Clause clause() {
    Clause.Builder clause = Clause.newBuilder();
    times(3, n -> clause.addMatches(match()));
    return clause.build();
  }

  private Match match() {
    Match.Builder m = Match.newBuilder();
    seldom(n -> m.addPrincipals(text(principal())));
    seldom(n -> m.addNotPrincipals(text(principal())));
    seldom(n -> m.addNamespaces(text(pick(NAMED))));
    seldom(n -> m.addNotNamespaces(text(pick(NAMED))));
    seldom(n -> m.addServiceAccounts(account()));
    seldom(n -> m.addNotServiceAccounts(account()));
    seldom(n -> m.addSourceIps(block()));
    seldom(n -> m.addNotSourceIps(block()));
    seldom(n -> m.addDestinationIps(block()));
    seldom(n -> m.addNotDestinationIps(block()));
    seldom(n -> m.addDestinationPorts(port()));
    seldom(n -> m.addNotDestinationPorts(port()));
    return m.build();
  }

  private StringMatch text(String exact) {
    StringMatch.Builder text = StringMatch.newBuilder();
    return switch (random.nextInt(8)) {
      case 0 -> text.setPrefix(pick(PIECES)).build();
      case 1 -> text.setSuffix(pick(PIECES)).build();
      case 2 -> text.setPresence(com.google.protobuf.Empty.getDefaultInstance()).build();
      default -> text.setExact(exact).build();
    };
  }

  private ServiceAccountMatch account() {
    return ServiceAccountMatch.newBuilder()
        .setNamespace(pick(NAMED))
        .setServiceAccount(pick(ACCOUNTS))
        .build();
  }

  /** As bytes: InetAddress would make IPv4 of the v4-mapped form. */
  private Address block() {
    byte[] address = bytes();
    int bits = address.length * 8;
    int length = random.nextBoolean() ? bits : random.nextInt(bits + 1);
    return Address.newBuilder().setAddress(ByteString.copyFrom(address)).setLength(length).build();
  }

  private byte[] bytes() {
    String literal = pick(ADDRESSES);
    byte[] address = Connections.ip(literal).getAddress();
    if (!literal.startsWith("::ffff:")) {
      return address;
    }
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(address, 0, mapped, 12, 4);
    return mapped;
  }

  ConnectionFacts connection() {
    return new ConnectionFacts(identity(), ip(), ip(), port());
  }

  private Optional<SpiffeId> identity() {
    return switch (random.nextInt(8)) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(SpiffeId.parse("spiffe://cluster.local/other/path"));
      default -> Optional.of(SpiffeId.parse("spiffe://" + principal()));
    };
  }

  private InetAddress ip() {
    return Connections.ip(pick(ADDRESSES));
  }

  List<PolicyKey> selected() {
    List<PolicyKey> selected = new ArrayList<>();
    times(3, n -> selected.add(new PolicyKey(pick(NAMED), "p" + random.nextInt(12))));
    return selected;
  }

  String namespace() {
    return pick(NAMESPACES);
  }

  private String principal() {
    return "%s/ns/%s/sa/%s".formatted(pick(DOMAINS), pick(NAMED), pick(ACCOUNTS));
  }

  private int port() {
    return PORTS[random.nextInt(PORTS.length)];
  }

  private String pick(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  private void seldom(Consumer<Integer> action) {
    if (random.nextInt(6) == 0) {
      action.accept(0);
      times(3, action);
    }
  }

  private void times(int below, Consumer<Integer> action) {
    int times = random.nextInt(below);
    for (int i = 0; i < times; i++) {
      action.accept(i);
    }
  }
}
