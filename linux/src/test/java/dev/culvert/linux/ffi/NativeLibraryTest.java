// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.errno.Errno;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
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

  @Test
  void missingFunctionFailsWhenItIsCalledNotWhenItIsBound() {
    NativeFunction none = NativeLibrary.libc().function("no_such_call");
    try (CallState state = CallState.open()) {
      assertThatThrownBy(() -> none.call(state, 0))
          .isInstanceOf(MissingLibraryException.class)
          .hasMessageContaining("no function no_such_call");
    }
  }

  @Test
  void resultsOfEitherWidthAreWhatTheFunctionReturned() {
    try (CallState state = CallState.open()) {
      long text = state.arena().allocateFrom("-1234567890123").address();
      assertThat(NativeLibrary.libc().function("strtol").call(state, text, 0, 10))
          .isEqualTo(-1234567890123L);
      assertThat((int) NativeLibrary.libc().function("abs").call(state, -7)).isEqualTo(7);
    }
  }

  @Test
  void errnoIsThatOfTheCall() {
    try (CallState state = CallState.open()) {
      assertThat((int) NativeLibrary.libc().function("close").call(state, -1)).isEqualTo(-1);
      assertThat(state.errno()).isEqualTo(Errno.EBADF);
    }
  }

  @Test
  void sixArgumentsOfAVariadicFunctionArriveInOrder() {
    try (CallState state = CallState.open()) {
      MemorySegment text = state.arena().allocate(64);
      MemorySegment format = state.arena().allocateFrom("%d %ld %s");
      MemorySegment last = state.arena().allocateFrom("three");
      NativeLibrary.libc()
          .function("snprintf")
          .call(
              state,
              text.address(),
              text.byteSize(),
              format.address(),
              -1,
              1L << 40,
              last.address());
      assertThat(text.getString(0)).isEqualTo("-1 1099511627776 three");
    }
  }

  private static int call(MethodHandle handle) throws Throwable {
    try (CallState state = CallState.open()) {
      return (int) handle.invokeExact(state.segment(), 0);
    }
  }
}
