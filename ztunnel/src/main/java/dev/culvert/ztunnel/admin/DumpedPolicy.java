// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import com.google.protobuf.ByteString;
import dev.culvert.policy.wire.security.Address;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.ServiceAccountMatch;
import dev.culvert.policy.wire.security.StringMatch;
import dev.culvert.ztunnel.json.JsonText;
import io.netty.util.NetUtil;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/** One policy, as arrays of rules, clauses and matches, with the names that istioctl reads. */
final class DumpedPolicy {
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;
  private static final int MAX_PORT = 65535;

  private DumpedPolicy() {}

  static void write(JsonText json, Authorization policy) {
    json.text("name", policy.getName())
        .text("namespace", policy.getNamespace())
        .text("scope", DumpedService.word(policy.getScope()))
        .text("action", DumpedService.word(policy.getAction()))
        .raws("rules", policy.getRulesList().stream().map(DumpedPolicy::rule).toList());
    if (policy.getDryRun()) {
      json.flag("dryRun", true);
    }
  }

  private static String rule(Rule rule) {
    return JsonText.array(rule.getClausesList().stream().map(DumpedPolicy::clause).toList());
  }

  private static String clause(Clause clause) {
    return JsonText.array(clause.getMatchesList().stream().map(DumpedPolicy::match).toList());
  }

  private static String match(Match match) {
    return JsonText.object(
        json -> {
          texts(json, "namespaces", match.getNamespacesList());
          texts(json, "notNamespaces", match.getNotNamespacesList());
          accounts(json, "serviceAccounts", match.getServiceAccountsList());
          accounts(json, "notServiceAccounts", match.getNotServiceAccountsList());
          texts(json, "principals", match.getPrincipalsList());
          texts(json, "notPrincipals", match.getNotPrincipalsList());
          ranges(json, "sourceIps", match.getSourceIpsList());
          ranges(json, "notSourceIps", match.getNotSourceIpsList());
          ranges(json, "destinationIps", match.getDestinationIpsList());
          ranges(json, "notDestinationIps", match.getNotDestinationIpsList());
          ports(json, "destinationPorts", match.getDestinationPortsList());
          ports(json, "notDestinationPorts", match.getNotDestinationPortsList());
        });
  }

  private static void texts(JsonText json, String name, List<StringMatch> matches) {
    list(json, name, matches, DumpedPolicy::text);
  }

  private static String text(StringMatch match) {
    return JsonText.object(
        json -> {
          switch (match.getMatchTypeCase()) {
            case EXACT -> json.text("Exact", match.getExact());
            case PREFIX -> json.text("Prefix", match.getPrefix());
            case SUFFIX -> json.text("Suffix", match.getSuffix());
            case PRESENCE -> json.raws("Presence", List.of());
            case MATCHTYPE_NOT_SET -> {}
          }
        });
  }

  private static void accounts(JsonText json, String name, List<ServiceAccountMatch> matches) {
    list(
        json,
        name,
        matches,
        match ->
            JsonText.object(
                account ->
                    account
                        .text("namespace", match.getNamespace())
                        .text("serviceAccount", match.getServiceAccount())));
  }

  private static void ranges(JsonText json, String name, List<Address> ranges) {
    list(
        json,
        name,
        ranges,
        range -> JsonText.quoted(address(range.getAddress()) + "/" + range.getLength()));
  }

  /** One of another length makes the policy unusable, which is what people look for here. */
  private static String address(ByteString bytes) {
    boolean isAddress = bytes.size() == IPV4_BYTES || bytes.size() == IPV6_BYTES;
    return isAddress
        ? NetUtil.bytesToIpAddress(bytes.toByteArray())
        : "0x" + HexFormat.of().formatHex(bytes.toByteArray());
  }

  /** What is no port cannot be read by istioctl, and would keep it from all the rest. */
  private static void ports(JsonText json, String name, List<Integer> ports) {
    if (!ports.isEmpty()) {
      json.raws(
          name,
          ports.stream()
              .filter(port -> port >= 0 && port <= MAX_PORT)
              .map(port -> Integer.toString(port))
              .toList());
    }
  }

  /** What is empty says nothing of the match, and is left out. */
  private static <T> void list(
      JsonText json, String name, List<T> elements, Function<T, String> form) {
    if (!elements.isEmpty()) {
      json.raws(name, elements.stream().map(form).toList());
    }
  }
}
