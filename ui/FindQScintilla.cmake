# SPDX-License-Identifier: GPL-3.0-or-later
# QScintilla for Qt 6 comes without a CMake or pkg-config file. Makes the target QScintilla::QScintilla.
# A distribution's own place first, then Qt's.
find_path(QScintilla_INCLUDE_DIR Qsci/qsciscintilla.h
    HINTS ${Qt6Core_INCLUDE_DIRS} ${Qt6Widgets_INCLUDE_DIRS}
    PATH_SUFFIXES qt6 qt6/QtWidgets)
find_library(QScintilla_LIBRARY NAMES qscintilla2_qt6)

if(QScintilla_INCLUDE_DIR)
    file(STRINGS ${QScintilla_INCLUDE_DIR}/Qsci/qsciglobal.h qscintilla_version_line
         REGEX "define +QSCINTILLA_VERSION_STR")
    string(REGEX MATCH "[0-9]+\\.[0-9]+(\\.[0-9]+)?" QScintilla_VERSION "${qscintilla_version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(QScintilla
    REQUIRED_VARS QScintilla_LIBRARY QScintilla_INCLUDE_DIR
    VERSION_VAR QScintilla_VERSION
    REASON_FAILURE_MESSAGE "Debian and Ubuntu have it as libqscintilla2-qt6-dev")
mark_as_advanced(QScintilla_INCLUDE_DIR QScintilla_LIBRARY)

if(QScintilla_FOUND AND NOT TARGET QScintilla::QScintilla)
    add_library(QScintilla::QScintilla UNKNOWN IMPORTED)
    set_target_properties(QScintilla::QScintilla PROPERTIES
        IMPORTED_LOCATION ${QScintilla_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${QScintilla_INCLUDE_DIR}
        INTERFACE_LINK_LIBRARIES Qt6::Widgets)
endif()
