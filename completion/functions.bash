# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only

# The name of a call as in the catalogue: FFA_ off, upper case, _ for -.
_ffascope_call_name() {
	local name=${1^^}
	name=${name//-/_}
	REPLY=${name#FFA_}
}

# _ffascope_offer WORD...: offers those that begin with $cur, without the part up to a : or =, which bash does not replace.
_ffascope_offer() {
	local word rest=${cur##*[=:]} strip
	strip=${cur%"$rest"}
	for word; do
		if [[ $word == "$cur"* ]]; then
			COMPREPLY+=("${word#"$strip"}")
		fi
	done
	# A field is followed by its value, so append no blank.
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

# Offers calls in the spelling of the word so far: notification-get or NOTIFICATION_GET. $1 is prepended to each.
_ffascope_offer_calls() {
	local before=$1 typed=${cur#"$1"} ffa='' name call
	if [[ ${typed^^} == FFA[_-]* ]]; then
		ffa=FFA_
	fi
	for call in $_ffascope_calls; do
		name=$ffa$call
		if [[ ! $typed =~ [A-Z] ]]; then
			name=${name,,}
			name=${name//_/-}
		elif [[ $typed == *-* ]]; then
			name=${name//_/-}
		fi
		_ffascope_offer "$before$name"
	done
}

_ffascope_offer_files() {
	local typed=${cur##*=} file
	compopt -o filenames 2>/dev/null
	while IFS= read -r file; do
		COMPREPLY+=("$file")
	done < <(compgen -f -- "$typed")
}

# The value of an option.
_ffascope_offer_value() {
	local name=$1 before=$2 word
	if [[ $_ffascope_files == *" $name "* ]]; then
		_ffascope_offer_files
	elif [[ $name == result ]]; then
		_ffascope_offer_calls "$before"
	else
		for word in ${_ffascope_words[$name]:-}; do
			_ffascope_offer "$before$word"
		done
	fi
}

# FIELD=VALUE words of a call.
_ffascope_offer_field() {
	local call=$1 field word
	if [[ $cur != *=* ]]; then
		# shellcheck disable=SC2086
		_ffascope_offer ${_ffascope_fields[$call]:-}
		return
	fi
	field=${cur%%=*}
	for word in ${_ffascope_values[$call/$field]:-}; do
		if [[ $word == @calls ]]; then
			_ffascope_offer_calls "$field="
		else
			_ffascope_offer "$field=$word"
		fi
	done
}

_ffascope() {
	local cur prev='' verb='' call='' line=${COMP_LINE:0:COMP_POINT} word
	local -a words
	COMPREPLY=()
	# bash splits words at = and :, the program does not.
	read -ra words <<<"$line"
	cur=''
	if [[ $line != *[[:blank:]] ]]; then
		cur=${words[-1]}
		unset 'words[-1]'
	fi

	for word in "${words[@]:1}"; do
		if [[ $word == -* || (-z $verb && $prev =~ ^--(color|device|tracefs|ffa)$) ]]; then
			:
		elif [[ -z $verb ]]; then
			verb=$word
		elif [[ -z $call && -z ${prev##--*} && -n $prev && " ${_ffascope_options[$verb]:-} " == *" $prev= "* ]]; then
			: # the value of the previous option
		elif [[ -z $call ]]; then
			_ffascope_call_name "$word"
			call=$REPLY
		fi
		prev=$word
	done

	if [[ $cur == --*=* ]]; then
		word=${cur%%=*}
		_ffascope_offer_value "${word#--}" "$word="
	elif [[ $prev == --* && " ${_ffascope_options[${verb:-_}]:-} " == *" $prev= "* ]]; then
		_ffascope_offer_value "${prev#--}" ''
	elif [[ $cur == -* ]]; then
		# shellcheck disable=SC2086
		_ffascope_offer ${_ffascope_options[${verb:-_}]:-}
	elif [[ -z $verb ]]; then
		# shellcheck disable=SC2086
		_ffascope_offer $_ffascope_verbs
	elif [[ $_ffascope_takes_files == *" $verb "* ]]; then
		_ffascope_offer_files
	elif [[ $_ffascope_takes_calls == *" $verb "* ]]; then
		if [[ -z $call ]]; then
			_ffascope_offer_calls ''
		elif [[ $verb != describe ]]; then
			_ffascope_offer_field "$call"
		fi
	fi
}

complete -F _ffascope ffascope
