// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** What the plugin does by itself where no agent answers. */
final class CniWithoutAgentTest extends CniCase {
  @Test
  void withoutAgentPodsOfEnrolledNamespacesWait() throws Exception {
    enrolNamespace();
    startAndStop();
    CniShim.Result added = call("ADD");
    assertThat(added.exit()).isOne();
    assertThat(added.output()).contains("\"code\":11", "pods of namespace shop wait");
    assertThat(call("DEL").exit()).isZero();
    assertThat(call("STATUS").exit()).isZero();
  }

  @Test
  void withoutAgentPodsOfOtherNamespacesStart() throws Exception {
    node.write("shop.yaml", SHOP.formatted("none"));
    startAndStop();
    assertThat(call("ADD")).isEqualTo(new CniShim.Result(0, previous));
  }

  @Test
  void listThatOthersCouldWriteIsNotBelieved() throws Exception {
    node.write("shop.yaml", SHOP.formatted("none"));
    startAndStop();
    Path list = node.cniSocket().resolveSibling("enrolled-namespaces");
    Files.setPosixFilePermissions(list, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(call("ADD").output()).contains("\"code\":11");
  }

  @Test
  void nodeWhereNoAgentRanYetLetsNothingStart() throws Exception {
    assertThat(call("ADD").output()).contains("\"code\":11");
  }

  private void startAndStop() throws Exception {
    node.start();
    node.ztunnel().close(); // after the first pass
    node.stop();
  }
}
