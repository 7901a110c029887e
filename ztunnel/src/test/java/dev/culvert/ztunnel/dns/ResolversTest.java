// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolversTest {
  @Test
  void nameserversOfResolvConf() {
    assertThat(
            Resolvers.nameservers(
                List.of(
                    "# nameserver 1.1.1.1",
                    "search shop.svc.cluster.local",
                    "nameserver 198.18.0.53",
                    "  nameserver\tfd00:c01::53 # the other",
                    "nameserver 127.0.0.53",
                    "nameserver not-an-address",
                    "nameserver")))
        .containsExactly(
            new InetSocketAddress(InetAddress.ofLiteral("198.18.0.53"), 53),
            new InetSocketAddress(InetAddress.ofLiteral("fd00:c01::53"), 53));
  }

  @Test
  void nextFileReadWhenOneNamesNobodyThatPodsCanAsk(@TempDir Path folder) throws Exception {
    Path stub = Files.writeString(folder.resolve("stub"), "nameserver 127.0.0.53\n");
    Path real = Files.writeString(folder.resolve("real"), "nameserver 198.18.0.53\n");

    assertThat(Resolvers.ofFiles(List.of(folder.resolve("none"), stub, real)))
        .containsExactly(new InetSocketAddress(InetAddress.ofLiteral("198.18.0.53"), 53));
    assertThat(Resolvers.ofFiles(List.of(stub))).isEmpty();
  }
}
