// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.spiffe.SpiffeId;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A GET of shop.example.com:8080 from 198.18.0.1, behind a proxy from fd00:c01::1. */
record TestFacts(
    String path,
    Optional<SpiffeId> source,
    Map<String, List<String>> headers,
    Map<String, List<String>> claims)
    implements RequestFacts {

  static TestFacts get(String path) {
    return new TestFacts(path, Optional.empty(), Map.of(), Map.of());
  }

  TestFacts as(String identity) {
    return new TestFacts(path, Optional.of(SpiffeId.parse(identity)), headers, claims);
  }

  TestFacts header(String name, String... values) {
    return new TestFacts(path, source, Map.of(name, List.of(values)), claims);
  }

  TestFacts bearer(Map<String, List<String>> claimed) {
    return new TestFacts(path, source, headers, claimed);
  }

  @Override
  public IpNumber peer() {
    return number("198.18.0.1");
  }

  @Override
  public IpNumber client() {
    return number("fd00:c01::1");
  }

  @Override
  public IpNumber destination() {
    return number("198.18.0.9");
  }

  private static IpNumber number(String address) {
    return IpNumber.of(InetAddress.ofLiteral(address).getAddress());
  }

  @Override
  public int port() {
    return 8080;
  }

  @Override
  public String serverName() {
    return "shop.example.com";
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String host() {
    return "shop.example.com";
  }

  @Override
  public String authority() {
    return "shop.example.com:8080";
  }

  @Override
  public List<String> header(String name) {
    return headers.getOrDefault(name, List.of());
  }

  @Override
  public TokenFacts token() {
    return new TokenFacts() {
      @Override
      public String principal() {
        return claims.isEmpty()
            ? ""
            : claims.get("iss").getFirst() + "/" + claims.get("sub").getFirst();
      }

      @Override
      public List<String> claim(List<String> path) {
        return claims.getOrDefault(String.join(".", path), List.of());
      }
    };
  }
}
