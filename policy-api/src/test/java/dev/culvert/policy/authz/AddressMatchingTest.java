// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static dev.culvert.policy.authz.Connections.fromIp;
import static dev.culvert.policy.authz.Connections.ip;
import static dev.culvert.policy.authz.Connections.toIp;
import static dev.culvert.policy.authz.Connections.toPort;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.culvert.policy.wire.security.Address;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressMatchingTest {

  @ParameterizedTest
  @CsvSource({
    "198.18.0.0/15,    198.18.0.0,       true",
    "198.18.0.0/15,    198.19.255.255,   true",
    "198.18.0.0/15,    198.20.0.0,       false",
    "198.18.0.0/15,    198.17.255.255,   false",
    "198.18.1.77/24,   198.18.1.3,       true",
    "198.18.1.3/32,    198.18.1.3,       true",
    "198.18.1.3/32,    198.18.1.2,       false",
    "255.255.255.255/32, 255.255.255.255, true",
    "0.0.0.0/0,        203.0.113.1,      true",
    "0.0.0.0/0,        fd00:c01::1,      false",
    "::/0,             fd00:c01::1,      true",
    "::/0,             198.18.0.1,       false",
    "fd00:c01::/32,    fd00:c01:ffff::1, true",
    "fd00:c01::/32,    fd00:c02::1,      false",
    "fd00:c01::/64,    fd00:c01::9,      true",
    "fd00:c01::/64,    fd00:c01:0:1::9,  false",
    "fd00:c01::/65,    fd00:c01::1,      true",
    "fd00:c01::/65,    fd00:c01::8000:0:0:1, false",
    "fd00:c01::5/128,  fd00:c01::5,      true",
    "fd00:c01::5/128,  fd00:c01::4,      false"
  })
  void block(String cidr, String address, boolean within) {
    Match source = Match.newBuilder().addSourceIps(address(cidr)).build();
    Match destination = Match.newBuilder().addDestinationIps(address(cidr)).build();
    Match notSource = Match.newBuilder().addNotSourceIps(address(cidr)).build();
    Match notDestination = Match.newBuilder().addNotDestinationIps(address(cidr)).build();

    assertThat(policy(source).matches(fromIp(address))).isEqualTo(within);
    assertThat(policy(destination).matches(toIp(address))).isEqualTo(within);
    assertThat(policy(notSource).matches(fromIp(address))).isEqualTo(!within);
    assertThat(policy(notDestination).matches(toIp(address))).isEqualTo(!within);
  }

  @Test
  void mappedPeerIsTheIpv4PeerItIs() throws UnknownHostException {
    byte[] mapped = mapped(198, 18, 1, 3);
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.empty(), Inet6Address.getByAddress("", mapped, -1), ip("198.18.9.9"), 80);

    assertThat(policy(Match.newBuilder().addSourceIps(address("198.18.1.0/24")).build()))
        .returns(true, policy -> policy.matches(facts));
    assertThat(policy(Match.newBuilder().addSourceIps(address("::/0")).build()))
        .returns(false, policy -> policy.matches(facts));
  }

  @Test
  void mappedBlockIsTheIpv4BlockItIs() {
    Address block =
        Address.newBuilder()
            .setAddress(ByteString.copyFrom(mapped(198, 18, 1, 0)))
            .setLength(120)
            .build();
    CompiledAuthorization policy = policy(Match.newBuilder().addSourceIps(block).build());

    assertThat(policy.matches(fromIp("198.18.1.3"))).isTrue();
    assertThat(policy.matches(fromIp("198.18.2.3"))).isFalse();
  }

  @Test
  void blockWithinABlockCanBeTakenOut() {
    CompiledAuthorization policy =
        policy(
            Match.newBuilder()
                .addSourceIps(address("198.18.0.0/16"))
                .addNotSourceIps(address("198.18.5.0/24"))
                .build());

    assertThat(policy.matches(fromIp("198.18.4.1"))).isTrue();
    assertThat(policy.matches(fromIp("198.18.5.1"))).isFalse();
  }

  @Test
  void ports() {
    CompiledAuthorization policy =
        policy(
            Match.newBuilder()
                .addDestinationPorts(8080)
                .addDestinationPorts(80)
                .addDestinationPorts(65535)
                .build());

    assertThat(policy.matches(toPort(80))).isTrue();
    assertThat(policy.matches(toPort(8080))).isTrue();
    assertThat(policy.matches(toPort(65535))).isTrue();
    assertThat(policy.matches(toPort(443))).isFalse();
  }

  @Test
  void portsTakenOut() {
    CompiledAuthorization policy = policy(Match.newBuilder().addNotDestinationPorts(80).build());

    assertThat(policy.matches(toPort(80))).isFalse();
    assertThat(policy.matches(toPort(81))).isTrue();
  }

  private static CompiledAuthorization policy(Match match) {
    return CompiledAuthorization.compile(
        Authorization.newBuilder()
            .setName("p")
            .setNamespace("shop")
            .addRules(Rule.newBuilder().addClauses(Clause.newBuilder().addMatches(match)))
            .build());
  }

  private static Address address(String cidr) {
    String[] parts = cidr.split("/", -1);
    return Address.newBuilder()
        .setAddress(ByteString.copyFrom(ip(parts[0]).getAddress()))
        .setLength(Integer.parseInt(parts[1]))
        .build();
  }

  private static byte[] mapped(int a, int b, int c, int d) {
    return new byte[] {
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) a, (byte) b, (byte) c, (byte) d
    };
  }
}
