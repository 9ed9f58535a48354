// SPDX-License-Identifier: MIT
#pragma once

namespace converge {

// The words of counterexamples. They are types, so that every compiler prints them in the user's own names.

/// Events in the order in which they arrive, from the initial state on. A guarded event stands as `if_<...>`
/// or `unless<...>`.
template <class... Events> struct history {};

/// Where a history leads.
template <class History, class State> struct ends {};

/// What a history leaves standing: commands sent and not undone.
template <class History, class... Commands> struct sends {};

/// How many of a command a history leaves standing, where it is not 0; negative when more are undone than
/// sent.
template <int Times, class Command> struct times {};

} // namespace converge
