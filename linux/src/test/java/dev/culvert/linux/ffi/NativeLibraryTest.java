// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;

final class NativeLibraryTest {
  private static final FunctionDescriptor INT_TO_INT = FunctionDescriptor.of(JAVA_INT, JAVA_INT);

  @Test
  void missingLibraryNamesItsPackageWhenCalled() {
    NativeLibrary library = NativeLibrary.load("libculvert-none.so.9", "libculvert-none9");
    assertThat(library.isLoaded()).isFalse();
    assertThatThrownBy(() -> call(library.bind("anything", INT_TO_INT)))
        .isInstanceOf(MissingLibraryException.class)
        .hasMessageContaining("apt-get install libculvert-none9");
  }

  @Test
  void missingFunctionNamesLibraryAndFunction() {
    assertThatThrownBy(() -> call(NativeLibrary.libc().bind("no_such_call", INT_TO_INT)))
        .isInstanceOf(MissingLibraryException.class)
        .hasMessageContaining("no function no_such_call");
  }

  private static int call(MethodHandle handle) throws Throwable {
    try (CallState state = CallState.open()) {
      return (int) handle.invokeExact(state.segment(), 0);
    }
  }
}
