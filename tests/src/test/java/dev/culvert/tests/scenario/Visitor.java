// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetSocketAddress;

/** An app that asks an address in HTTP/1, on a connection of its own each time. */
record Visitor(MeshPod from, InetSocketAddress to) {
  /** The name of the {@link HttpApp} that answered; empty when none did. */
  String asked(String path, String... fields) {
    try (AppConnection client = from.connect(to)) {
      Message answer = HttpApp.get(client, path, fields);
      return answer.status() == 200 ? answer.body().lines().findFirst().orElse("") : "";
    } catch (IOException e) {
      return "";
    }
  }

  /** Of the answer; 0 while there is none. */
  int status(String path) {
    try (AppConnection client = from.connect(to)) {
      return HttpApp.get(client, path).status();
    } catch (IOException e) {
      return 0;
    }
  }
}
