// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keys of attributes as a KeyValue has them, each written once: they are the names that the
 * access log gives to what it says, and few. Any thread.
 */
final class SpanKeys {
  private static final Map<String, byte[]> WRITTEN = new ConcurrentHashMap<>();

  private SpanKeys() {}

  static byte[] of(String name) {
    byte[] key = WRITTEN.get(name);
    return key != null ? key : WRITTEN.computeIfAbsent(name, SpanKeys::written);
  }

  private static byte[] written(String name) {
    ProtoText key = new ProtoText(name.length());
    key.text(1, name);
    return key.bytes();
  }
}
