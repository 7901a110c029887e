// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

/** What something was beyond, with the setting that moves it. */
enum Limit {
  POD_CONNECTIONS("pod-max-connections"),
  POD_TUNNELS("pod-max-tunnels"),
  POD_HANDSHAKES("pod-max-handshakes"),
  PEER_TUNNELS("peer-max-tunnels"),
  PEER_CONNECTIONS("peer-max-connections"),
  NODE_HANDSHAKES("max-handshakes"),
  DESCRIPTORS("max-descriptors"),
  POD_SHARE("max-descriptors"),
  BUFFERS("max-buffers");

  private final String setting;

  Limit(String setting) {
    this.setting = setting;
  }

  String setting() {
    return setting;
  }
}
