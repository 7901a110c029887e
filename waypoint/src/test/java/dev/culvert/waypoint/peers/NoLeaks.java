// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a class of tests that leaks a buffer; found by JUnit for each of them. */
public final class NoLeaks implements AfterAllCallback {
  @Override
  public void afterAll(ExtensionContext context) {
    assertThat(LeakWatch.news()).as("buffers that nobody released").isEmpty();
  }
}
